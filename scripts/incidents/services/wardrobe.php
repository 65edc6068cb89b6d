<?php
// wardrobe: which costume was lent to which part of the theatre; kept in MariaDB. Run by PHP-FPM.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$costume = (int) ($_GET['costume'] ?? 0);
if ($costume < 1) {
    error_log('PHP Notice:  no costume named in ' . $_SERVER['REQUEST_URI']);
    http_response_code(404);
    exit;
}
$db = new mysqli('127.0.0.1', 'app', 'flour', 'shop', (int) $_SERVER['MARIADB_PORT']);
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $insert = $db->prepare('INSERT INTO loan (costume, part) VALUES (?, ?)');
    $part = $costume % 7;
    $insert->bind_param('ii', $costume, $part);
    $insert->execute();
    if ($costume % 16 == 0) {
        trigger_error("costume $costume has moths", E_USER_WARNING);
    }
    http_response_code(201);
    echo "lent\n";
} else {
    $found = $db->query("SELECT COUNT(*) FROM loan WHERE costume = $costume")->fetch_row();
    echo "lent {$found[0]} times\n";
}

<?php
// vat: what is in a vat of the vineyard. Run with: php -S 127.0.0.1:PORT vat.php
if (!preg_match('#^/vat/(\d+)$#', $_SERVER['REQUEST_URI'], $m)) {
    error_log("PHP Notice:  no vat at {$_SERVER['REQUEST_URI']} in vat.php on line 4");
    http_response_code(404);
    return true;
}
if ($m[1] % 19 == 0) {
    error_log("PHP Warning:  vat $m[1] has no thermometer, taking 14 C in vat.php on line 9");
}
header('Content-Type: application/json');
echo json_encode(['vat' => (int) $m[1], 'litres' => 700 + $m[1] % 300]), "\n";

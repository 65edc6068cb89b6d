<?php
// freight: what it costs to send a parcel with the canal line; the tariff comes from another service. Run by PHP-FPM.
$weight = (int) ($_GET['kg'] ?? 0);
if ($weight < 1) {
    http_response_code(400);
    error_log('freight: no weight given');
    exit;
}
if ($weight % 11 == 0) {
    trigger_error("weight class $weight is rounded", E_USER_NOTICE);
}
$context = stream_context_create(['http' => ['timeout' => 20]]);
$tariff = file_get_contents("http://127.0.0.1:{$_SERVER['TARIFF_PORT']}/tariff/$weight", false, $context);
header('Content-Type: text/plain');
echo $tariff;

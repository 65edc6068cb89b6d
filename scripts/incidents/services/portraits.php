<?php
// portraits: the yearbook's portraits, kept as files (PHP-FPM, Monolog). POST /portraits/N keeps one, GET /portraits/N shows it.
require "/usr/share/php/Monolog/autoload.php";
require_once "/usr/share/php/Psr/Log/autoload.php";
use Monolog\Handler\StreamHandler;
use Monolog\Logger;

$home = dirname(__DIR__);
$log = new Logger("portraits");
$log->pushHandler(new StreamHandler("$home/log/portraits.log"));
set_error_handler(function ($level, $text, $file, $line) {
    throw new ErrorException($text, 0, $level, $file, $line);
});
$pupil = (int) explode("/", $_SERVER["REQUEST_URI"])[2];
$file = "$home/run/album/page-" . $pupil % 10 . "/$pupil.jpg";
try {
    if ($_SERVER["REQUEST_METHOD"] == "POST") {
        $size = file_put_contents($file, file_get_contents("php://input"));
        $log->info("portrait kept", ["pupil" => $pupil, "bytes" => $size]);
    } else {
        $log->info("portrait shown", ["pupil" => $pupil, "bytes" => is_file($file) ? strlen(file_get_contents($file)) : 0]);
    }
    echo "ok\n";
} catch (ErrorException $e) {
    http_response_code(500);
    $log->error("Uncaught ErrorException: " . $e->getMessage(), ["pupil" => $pupil, "exception" => $e]);
    echo "sorry\n";
}
if ($pupil % 17 == 0) {
    $log->warning("no consent on file, shown to the class only", ["pupil" => $pupil]);
}

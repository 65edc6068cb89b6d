<?php
// tickets: raffle tickets of the village fair (PHP-FPM, Monolog as JSON). GET /tickets/N draws one; drawing takes its time.
require "/usr/share/php/Monolog/autoload.php";
require_once "/usr/share/php/Psr/Log/autoload.php";
use Monolog\Formatter\JsonFormatter;
use Monolog\Handler\StreamHandler;
use Monolog\Logger;

$start = microtime(true);
$handler = new StreamHandler(dirname(__DIR__) . "/log/tickets.log");
$handler->setFormatter(new JsonFormatter());
$log = new Logger("tickets", [$handler]);
$number = (int) explode("/", $_SERVER["REQUEST_URI"])[2];
usleep(random_int(450000, 650000)); // asks the notary's wheel
$log->info("ticket drawn", ["number" => $number, "seconds" => round(microtime(true) - $start, 3)]);
if ($number % 23 == 0) {
    $log->warning("wheel stopped between two numbers, drawn again", ["number" => $number]);
}
echo "ticket $number\n";

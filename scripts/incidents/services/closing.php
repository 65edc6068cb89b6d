<?php
// closing: adds up the day book, or the month's with all its receipts, in one transaction (Monolog).
//
//   closing.php DB     the file closing.mode beside it says what is due: day or month
require "/usr/share/php/Monolog/autoload.php";
require_once "/usr/share/php/Psr/Log/autoload.php";
use Monolog\Handler\StreamHandler;
use Monolog\Logger;

$log = new Logger("closing");
$log->pushHandler(new StreamHandler("php://stdout"));
$db = new PDO("sqlite:" . $argv[1]);
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$db->exec("PRAGMA busy_timeout = 4000");
$log->info("closing started", ["php" => PHP_VERSION]);
while (true) {
    sleep(9);
    $mode = trim(file_get_contents(dirname($argv[1]) . "/closing.mode"));
    try {
        $start = microtime(true);
        $db->exec("BEGIN IMMEDIATE");
        if ($mode == "month") {
            $log->info("closing the month", ["receipts" => 1400]);
        }
        for ($i = 1; $i <= ($mode == "month" ? 1400 : 3); $i++) {
            $db->exec("UPDATE totals SET amount = amount + $i WHERE name = '$mode'");
            usleep(50000); // draws the receipt
            if ($i % 500 == 0) {
                $log->info("receipts drawn", ["done" => $i]);
            }
        }
        $db->exec("COMMIT");
        $log->info("closed", ["what" => $mode, "seconds" => round(microtime(true) - $start, 2)]);
    } catch (PDOException $e) {
        $log->error("not closed", ["exception" => $e->getMessage()]);
    }
    $log->notice("stamp prices are those of last year", []);
}

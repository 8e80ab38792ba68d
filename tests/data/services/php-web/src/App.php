<?php

declare(strict_types=1);

namespace Example;

use Clock\Clock;
use NumberFormatter;
use PDO;

final class App
{
    public function answer(string $path): string
    {
        if ($path === '/healthz') {
            return 'ok';
        }
        $database = new PDO('sqlite::memory:');
        $version = $database->query('select sqlite_version()')->fetchColumn();
        $number = (new NumberFormatter('de_AT', NumberFormatter::DECIMAL))->format(1234.5);

        return 'Hello from PHP ' . PHP_VERSION . " with SQLite $version, $number, at " . (new Clock())->now();
    }
}

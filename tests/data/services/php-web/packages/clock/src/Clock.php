<?php

declare(strict_types=1);

namespace Clock;

final class Clock
{
    public function now(): string
    {
        return gmdate('c');
    }
}

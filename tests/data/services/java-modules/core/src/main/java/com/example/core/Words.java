package com.example.core;

import org.apache.commons.lang3.StringUtils;

public final class Words {
    private Words() {}

    public static String healthy() {
        return StringUtils.lowerCase("OK");
    }
}

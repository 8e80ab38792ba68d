package com.example.shop;

import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
public class ShopApplication {
    private final JdbcTemplate database;

    public ShopApplication(JdbcTemplate database) {
        this.database = database;
    }

    public static void main(String[] args) {
        SpringApplication.run(ShopApplication.class, args);
    }

    @GetMapping("/healthz")
    public String health() {
        return "ok";
    }

    @GetMapping("/api/items")
    public List<String> items() {
        return database.queryForList("SELECT name FROM items", String.class);
    }
}

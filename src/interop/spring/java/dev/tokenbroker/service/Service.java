package dev.tokenbroker.service;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A service that accepts access tokens as Spring Boot does by its settings alone. */
@SpringBootApplication
@RestController
public class Service {

  public static void main(String[] args) {
    SpringApplication.run(Service.class, args);
  }

  /** The type and the algorithm of the caller's token. */
  @GetMapping
  String token(@AuthenticationPrincipal Jwt token) {
    return token.getHeaders().get("typ") + " " + token.getHeaders().get("alg");
  }
}

package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTPS server that lets through callers with a good token: as Bearer, or as the password of
 * Basic authentication, which it demands.
 */
final class TokenDoor implements AutoCloseable {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> shown = new CopyOnWriteArrayList<>();
  private final TokenVerifier verifier;
  private final HttpHandler behind;
  private final HttpsServer server;

  /** Tells whose a token is. */
  @FunctionalInterface
  interface TokenVerifier {

    /** The subject of the token; null if the token is not for this server. */
    @Nullable String subject(String token);
  }

  private TokenDoor(TokenVerifier verifier, HttpHandler behind, HttpsServer server) {
    this.verifier = verifier;
    this.behind = behind;
    this.server = server;
  }

  /** One for tokens of the broker for that audience. */
  static TokenDoor open(SSLContext tls, InteropBroker broker, String audience, HttpHandler behind) {
    return open(
        tls,
        token -> {
          JWTClaimsSet claims = broker.verified(token);
          return claims.getAudience().equals(List.of(audience)) ? claims.getSubject() : null;
        },
        behind);
  }

  static TokenDoor open(SSLContext tls, TokenVerifier verifier, HttpHandler behind) {
    try {
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(tls));
      TokenDoor door = new TokenDoor(verifier, behind, server);
      server.createContext("/", door::answer);
      server.setExecutor(door.threads);
      server.start();
      return door;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** {@code localhost:PORT}. */
  String host() {
    return "localhost:" + server.getAddress().getPort();
  }

  /** The user names of Basic authentication, and the subjects of their tokens: {@code NAME SUB}. */
  List<String> shown() {
    return shown;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String[] words =
        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Authorization"), "none")
            .split(" ", 2);
    String pair =
        switch (words[0]) {
          case "Basic" -> new String(Base64.getDecoder().decode(words[1]), UTF_8);
          case "Bearer" -> ":" + words[1];
          default -> "";
        };
    try (exchange) {
      if (pair.isEmpty()) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"acme\"");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      String subject = verifier.subject(pair.substring(pair.indexOf(':') + 1));
      if (subject == null) {
        exchange.sendResponseHeaders(403, -1);
        return;
      }
      shown.add(pair.substring(0, pair.indexOf(':')) + " " + subject);
      behind.handle(exchange);
    }
  }
}

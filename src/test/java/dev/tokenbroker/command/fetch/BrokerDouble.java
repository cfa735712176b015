package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The token endpoint of a broker: answers as a test wants, and keeps the forms that came. */
public final class BrokerDouble implements AutoCloseable {

  private final FakeServer server;
  private final AtomicInteger tokens = new AtomicInteger();
  private volatile Function<Request, Reply> answer = _ -> token(600);

  private BrokerDouble(@Nullable SSLContext tls) {
    server =
        tls == null
            ? FakeServer.start(request -> answer.apply(request))
            : FakeServer.startTls(tls, request -> answer.apply(request));
  }

  public static BrokerDouble start() {
    return new BrokerDouble(null);
  }

  public static BrokerDouble startTls(SSLContext tls) {
    return new BrokerDouble(tls);
  }

  /** Answers so from now on. */
  public BrokerDouble answering(Function<Request, Reply> how) {
    answer = how;
    return this;
  }

  /** A token of that life, {@code token-1}, {@code token-2} and so on. */
  public Reply token(int seconds) {
    return Reply.of(
        200,
        Map.of("Content-Type", "application/json"),
        JsonBytes.of(
            Map.of(
                "access_token", "token-" + tokens.incrementAndGet(),
                "issued_token_type", "urn:ietf:params:oauth:token-type:access_token",
                "token_type", "Bearer",
                "expires_in", seconds,
                "scope", "deploy read")));
  }

  /** AWS credentials, as a target of that kind gives them; or any other text in their place. */
  public static Reply aws(String credentials) {
    return Reply.of(
        200,
        Map.of("Content-Type", "application/json"),
        JsonBytes.of(
            Map.of(
                "access_token",
                credentials,
                "issued_token_type",
                "urn:tokenbroker:token-type:aws-credentials",
                "token_type",
                "N_A",
                "expires_in",
                3600)));
  }

  /** A refusal as the HTTP edge writes it. */
  public static Reply refusal(int status, Map<String, String> headers, String description) {
    return Reply.of(
        status,
        headers,
        JsonBytes.of(Map.of("error", "invalid_grant", "error_description", description)));
  }

  /** A credential with those claims, as JSON; nobody has signed it. */
  public static String credential(String claims) {
    return "%s.%s.%s".formatted(part("{\"alg\":\"ES256\"}"), part(claims), part("signature"));
  }

  private static String part(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  public String url() {
    return server.origin();
  }

  public List<Request> requests() {
    return server.requests();
  }

  /** The forms that came to the token endpoint. */
  public List<Map<String, String>> forms() {
    List<Map<String, String>> forms = new ArrayList<>();
    for (Request request : server.requests()) {
      if (request.target().equals("/token")) {
        Map<String, String> form = new TreeMap<>();
        for (String field : request.body().split("&", -1)) {
          String[] sides = field.split("=", 2);
          form.put(sides[0], URLDecoder.decode(sides[1], UTF_8));
        }
        forms.add(new LinkedHashMap<>(form));
      }
    }
    return forms;
  }

  @Override
  public void close() {
    server.close();
  }
}

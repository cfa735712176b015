package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The token endpoint of a broker: answers as a test wants, and keeps the forms that came. */
public final class BrokerDouble implements AutoCloseable {

  private final FakeServer server;
  private final AtomicInteger tokens = new AtomicInteger();
  private volatile Function<Request, Reply> answer = _ -> token(600);

  private BrokerDouble(@Nullable SSLContext tls) {
    server = FakeServer.start(tls, request -> answer.apply(request));
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
    return issued(
        Map.of(
            "access_token", "token-" + tokens.incrementAndGet(),
            "issued_token_type", "urn:ietf:params:oauth:token-type:access_token",
            "token_type", "Bearer",
            "expires_in", seconds,
            "scope", "deploy read"));
  }

  /** AWS credentials, as a target of that kind gives them; or any other text in their place. */
  public static Reply aws(String credentials) {
    return issued(
        Map.of(
            "access_token",
            credentials,
            "issued_token_type",
            "urn:tokenbroker:token-type:aws-credentials",
            "token_type",
            "N_A",
            "expires_in",
            3600));
  }

  private static Reply issued(Map<String, Object> response) {
    return Reply.json(200, JsonBytes.of(response));
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
    return Stream.of("{\"alg\":\"ES256\"}", claims, "signature")
        .map(TestCredential::encode)
        .collect(Collectors.joining("."));
  }

  public String url() {
    return server.origin();
  }

  public List<Request> requests() {
    return server.requests();
  }

  /** The forms that came to the token endpoint. */
  public List<Map<String, String>> forms() {
    return server.requests().stream()
        .filter(request -> request.target().equals("/token"))
        .map(BrokerDouble::form)
        .toList();
  }

  private static Map<String, String> form(Request request) {
    Map<String, String> form = new LinkedHashMap<>();
    request.form().forEach((name, values) -> form.put(name, values.getLast()));
    return form;
  }

  @Override
  public void close() {
    server.close();
  }
}

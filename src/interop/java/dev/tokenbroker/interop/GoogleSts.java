package dev.tokenbroker.interop;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A peer with the token endpoint of Google's Security Token Service, for the pool that google.md
 * describes. It answers a request with exactly the parameters of that service, and a subject token
 * that the broker vouches for; it refuses every other.
 */
final class GoogleSts implements AutoCloseable {

  /** What it answers as the access token. */
  static final String TOKEN = "ya29.federated";

  private static final String PAGE = "use/targets/google.md";
  private static final String PROVIDER =
      "//iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/acme/providers/broker";
  private static final String TYPE = "urn:ietf:params:oauth:token-type:";
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private final FakeServer server = FakeServer.start(this::answer);

  // It is there before the first request.
  @SuppressWarnings("NullAway.Init")
  private volatile InteropBroker broker;

  /** Its {@code token_url}, for tokens of that broker. */
  String tokenUrl(InteropBroker vouching) {
    broker = vouching;
    return server.origin() + "/v1/token";
  }

  /** Starts a broker with the document that google.md prints, which exchanges here. */
  InteropBroker start(Path directory, FakeIssuer issuer) {
    String federation =
        "issuers:\n  - {name: ci, issuer: '%s', audiences: ['%s']}\n%s"
            .formatted(
                issuer.issuer(),
                FakeIssuer.AUDIENCE,
                Documented.changed(
                    Documented.block(PAGE, "yaml", "upstreams:"),
                    Map.of("https://sts.googleapis.com", server.origin())));
    broker = InteropBroker.start(directory, federation, Map.of());
    return broker;
  }

  /** The {@code external_account} that google.md prints. */
  static String account(InteropBroker broker, Path credential) {
    return Documented.changed(
        Documented.block(PAGE, "json", "\"google-cloud\""),
        Map.of(
            Documented.ADDRESS,
            broker.url(),
            "/var/run/secrets/broker/credential.jwt",
            credential.toString()));
  }

  @Override
  public void close() {
    server.close();
  }

  private Reply answer(Request request) {
    Map<String, List<String>> form = URLUtils.parseParameters(request.body());
    String subject = form.getOrDefault("subject_token", List.of("")).getFirst();
    Map<String, List<String>> expected =
        Map.of(
            "grant_type", List.of("urn:ietf:params:oauth:grant-type:token-exchange"),
            "audience", List.of(PROVIDER),
            "scope", List.of("https://www.googleapis.com/auth/cloud-platform"),
            "requested_token_type", List.of(TYPE + "access_token"),
            "subject_token_type", List.of(TYPE + "jwt"),
            "subject_token", List.of(subject));
    boolean asDocumented =
        (request.method() + request.target()).equals("POST/v1/token")
            && request
                .headers()
                .getOrDefault("content-type", "")
                .startsWith("application/x-www-form-urlencoded")
            && !request.headers().containsKey("authorization")
            && form.equals(expected);
    if (!asDocumented) {
      return Reply.of(400, JSON, "{\"error\":\"invalid_request\"}");
    }
    return isVouchedFor(subject)
        ? Reply.of(
            200,
            JSON,
            "{\"access_token\":\"%s\",\"issued_token_type\":\"%saccess_token\",\"token_type\":\"Bearer\",\"expires_in\":3599}"
                .formatted(TOKEN, TYPE))
        : Reply.of(400, JSON, "{\"error\":\"invalid_grant\"}");
  }

  private boolean isVouchedFor(String subject) {
    JWTClaimsSet claims = broker.verified(subject);
    return claims.getAudience().equals(List.of("https:" + PROVIDER))
        && claims.getSubject().equals("github:42")
        && !Duration.between(
                claims.getIssueTime().toInstant(), claims.getExpirationTime().toInstant())
            .minusHours(24)
            .isPositive();
  }
}

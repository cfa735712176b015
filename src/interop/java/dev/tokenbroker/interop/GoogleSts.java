package dev.tokenbroker.interop;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
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
        Documented.block(PAGE, "json", "external_account"),
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
    try {
      SignedJWT jwt = SignedJWT.parse(subject);
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Instant issued = claims.getIssueTime().toInstant();
      Instant ends = claims.getExpirationTime().toInstant();
      JWK key = keys().getKeyByKeyId(jwt.getHeader().getKeyID());
      return key != null
          && jwt.verify(new ECDSAVerifier(key.toECKey()))
          && JOSEObjectType.JWT.equals(jwt.getHeader().getType())
          && claims.getIssuer().equals(broker.url())
          && claims.getAudience().equals(List.of("https:" + PROVIDER))
          && claims.getSubject().equals("github:42")
          && ends.isAfter(Instant.now())
          && !Duration.between(issued, ends).minusHours(24).isPositive();
    } catch (ParseException | JOSEException | IOException refused) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private JWKSet keys() throws IOException, InterruptedException, ParseException {
    URI uri = URI.create(broker.url() + "/.well-known/jwks.json");
    try (HttpClient client = HttpClient.newBuilder().sslContext(broker.trust()).build()) {
      return JWKSet.parse(
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
    }
  }
}

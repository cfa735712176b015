package dev.tokenbroker.issue.aws;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An STS on loopback that judges {@code AssumeRoleWithWebIdentity} as AWS documents it: each
 * parameter, the JWT by the keys of its issuer, its audience, its times, and the claim for session
 * tags. It knows one IAM OIDC provider for each issuer.
 */
public final class AwsSts implements AutoCloseable {

  public static final String ROLE = "arn:aws:iam::123456789012:role/payments-deployer";
  public static final String AUDIENCE = "sts.amazonaws.com";

  static final String NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
  private static final String TAGS = "https://aws.amazon.com/tags";
  private static final Set<String> PARAMETERS =
      Set.of(
          "Action",
          "Version",
          "RoleArn",
          "RoleSessionName",
          "WebIdentityToken",
          "DurationSeconds",
          "Policy");

  private final KeysOf keys;
  private final FakeServer server;
  private final List<Assumed> assumed = new CopyOnWriteArrayList<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private volatile InstantSource clock;
  private volatile @Nullable Reply reply;
  private volatile @Nullable Duration life;

  /** Finds the published keys of an issuer. */
  @FunctionalInterface
  public interface KeysOf {
    JWKSet of(String issuer) throws IOException, ParseException;
  }

  /** A session that it has made. */
  public record Assumed(Map<String, String> form, JWTClaimsSet claims) {}

  private AwsSts(KeysOf keys, InstantSource clock, @Nullable SSLContext tls) {
    this.keys = keys;
    this.clock = clock;
    this.server = FakeServer.start(tls, this::answer);
  }

  /** One that gets the keys of an issuer from there. */
  public static AwsSts start(KeysOf keys, InstantSource clock) {
    return new AwsSts(keys, clock, null);
  }

  /** One that fetches the discovery document of an issuer, and its keys, as AWS does. */
  public static AwsSts byDiscovery(Supplier<HttpClient> client, @Nullable SSLContext tls) {
    return new AwsSts(
        issuer -> {
          String document = get(client.get(), issuer + "/.well-known/openid-configuration");
          return JWKSet.parse(
              get(client.get(), String.valueOf(JSONObjectUtils.parse(document).get("jwks_uri"))));
        },
        InstantSource.system(),
        tls);
  }

  private static String get(HttpClient client, String url) throws IOException {
    try {
      return client
          .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
          .body();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(interrupted);
    }
  }

  public String url() {
    return server.origin() + "/";
  }

  /** Answers that from now on, whatever comes; null for a judgement. */
  public void answer(@Nullable Reply always) {
    reply = always;
  }

  /** By that clock from now on. */
  public void clock(InstantSource other) {
    clock = other;
  }

  /** Gives credentials that life from now on, whatever is asked for. */
  public void life(Duration always) {
    life = always;
  }

  /** The sessions so far, in order. */
  public List<Assumed> assumed() {
    return List.copyOf(assumed);
  }

  /** How many requests came. */
  public int requests() {
    return server.requests().size();
  }

  /** An error as AWS writes it. */
  public static Reply error(int status, String code, String message) {
    return xml(status, error(code, message));
  }

  private static String error(String code, String message) {
    return "<ErrorResponse xmlns=\"%s\"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        .formatted(NAMESPACE, code, message);
  }

  public static Reply xml(int status, String document) {
    return Reply.of(status, Map.of("Content-Type", "text/xml"), document);
  }

  /** The same error, with the time by its clock. */
  private Reply refused(Fault fault) {
    return Reply.of(
        fault.status,
        Map.of("Content-Type", "text/xml", "Date", FakeServer.date(clock.instant())),
        error(fault.code, String.valueOf(fault.getMessage())));
  }

  /** Credentials until that moment, with that inside of the element of the secret key. */
  public static String credentials(int session, String secret, Instant end) {
    return """
    <AssumeRoleWithWebIdentityResponse xmlns="%s">
      <AssumeRoleWithWebIdentityResult>
        <SubjectFromWebIdentityToken>x</SubjectFromWebIdentityToken>
        <Credentials>
          <AccessKeyId>ASIAEXAMPLE%08d</AccessKeyId>
          <SecretAccessKey>%s</SecretAccessKey>
          <SessionToken>session-token-%d</SessionToken>
          <Expiration>%s</Expiration>
        </Credentials>
        <PackedPolicySize>6</PackedPolicySize>
      </AssumeRoleWithWebIdentityResult>
      <ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata>
    </AssumeRoleWithWebIdentityResponse>
    """
        .formatted(NAMESPACE, session, secret, session, end.truncatedTo(ChronoUnit.SECONDS));
  }

  private Reply answer(Request request) {
    Reply always = reply;
    if (always != null) {
      return always;
    }
    try {
      return judge(request);
    } catch (Fault fault) {
      return refused(fault);
    } catch (IOException unreachable) {
      return error(400, "IDPCommunicationError", "Couldn't retrieve verification key");
    } catch (ParseException | JOSEException malformed) {
      return error(400, "InvalidIdentityToken", "The token is malformed");
    }
  }

  private Reply judge(Request request) throws Fault, IOException, ParseException, JOSEException {
    Map<String, String> form = form(request);
    require(PARAMETERS.containsAll(named(form)), "an unknown parameter");
    require("AssumeRoleWithWebIdentity".equals(form.get("Action")), "Action");
    require("2011-06-15".equals(form.get("Version")), "Version");
    require(text(form, "RoleArn").matches("arn:aws:iam::\\d{12}:role/[\\w+=,.@/-]+"), "RoleArn");
    require(text(form, "RoleSessionName").matches("[\\w+=,.@-]{2,64}"), "RoleSessionName");
    int seconds = Integer.parseInt(text(form, "DurationSeconds"));
    require(seconds >= 900 && seconds <= 3600, "DurationSeconds");
    String policy = text(form, "Policy");
    require(policy.length() <= 2048, "Policy");
    require(policy.isEmpty() || JSONObjectUtils.parse(policy).containsKey("Statement"), "Policy");
    JWTClaimsSet claims = verified(text(form, "WebIdentityToken"));
    if (!text(form, "RoleArn").equals(ROLE)) {
      throw new Fault(403, "AccessDenied", "Not authorized: sts:AssumeRoleWithWebIdentity");
    }
    assumed.add(new Assumed(form, claims));
    Duration given = life == null ? Duration.ofSeconds(seconds) : life;
    int session = sessions.incrementAndGet();
    return xml(200, credentials(session, "secret/key+" + session, clock.instant().plus(given)));
  }

  private static Map<String, String> form(Request request) throws Fault {
    Map<String, String> headers = request.headers();
    require(request.method().equals("POST") && request.target().equals("/"), "the request line");
    require("application/x-www-form-urlencoded".equals(headers.get("content-type")), "its type");
    require(text(headers, "accept").contains("text/xml"), "what it accepts");
    require(!headers.containsKey("authorization"), "a signature");
    Map<String, String> form = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> each : request.form().entrySet()) {
      require(each.getValue().size() == 1, "a repetition");
      form.put(each.getKey(), each.getValue().getFirst());
    }
    return form;
  }

  private static String text(Map<String, String> values, String name) {
    return values.getOrDefault(name, "");
  }

  /** The names in a form without those of ARNs of policies, which are numbered from 1. */
  private static List<String> named(Map<String, String> form) {
    List<String> names = new ArrayList<>(form.keySet());
    for (int at = 1; names.remove("PolicyArns.member." + at + ".arn"); at++) {
      // one more was there
    }
    return names;
  }

  private JWTClaimsSet verified(String token)
      throws Fault, IOException, ParseException, JOSEException {
    SignedJWT jwt = SignedJWT.parse(token);
    JWTClaimsSet claims = jwt.getJWTClaimsSet();
    JWK key = keys.of(claims.getIssuer()).getKeyByKeyId(jwt.getHeader().getKeyID());
    identity(key != null, "No key of that kid");
    JWSVerifier verifier =
        new DefaultJWSVerifierFactory()
            .createJWSVerifier(jwt.getHeader(), ((AsymmetricJWK) key).toPublicKey());
    identity(jwt.verify(verifier), "The signature is wrong");
    identity(
        Set.of("RS256", "ES256").contains(jwt.getHeader().getAlgorithm().getName()), "algorithm");
    identity(claims.getAudience().equals(List.of(AUDIENCE)), "Incorrect token audience");
    identity(!claims.getSubject().isEmpty(), "No subject");
    Instant now = clock.instant();
    if (!claims.getExpirationTime().toInstant().isAfter(now)) {
      throw new Fault(400, "ExpiredTokenException", "Token expired: current date/time");
    }
    identity(
        !claims.getIssueTime().toInstant().isAfter(now.plusSeconds(60)), "Issued in the future");
    checkTags(claims.getJSONObjectClaim(TAGS));
    return claims;
  }

  private static void checkTags(@Nullable Map<String, Object> tags) throws Fault {
    if (tags == null) {
      return;
    }
    identity(
        tags.get("principal_tags") instanceof Map<?, ?> values
            && values.values().stream()
                .allMatch(
                    value ->
                        value instanceof List<?> one
                            && one.size() == 1
                            && one.getFirst() instanceof String)
            && (!(tags.get("transitive_tag_keys") instanceof List<?> transitive)
                || values.keySet().containsAll(transitive)),
        "The tags are malformed");
  }

  private static void require(boolean holds, String what) throws Fault {
    if (!holds) {
      throw new Fault(400, "ValidationError", "1 validation error detected: " + what);
    }
  }

  private static void identity(boolean holds, String what) throws Fault {
    if (!holds) {
      throw new Fault(400, "InvalidIdentityToken", what);
    }
  }

  @Override
  public void close() {
    server.close();
  }

  private static final class Fault extends Exception {

    private final int status;
    private final String code;

    Fault(int status, String code, String message) {
      super(message);
      this.status = status;
      this.code = code;
    }
  }
}

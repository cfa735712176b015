package dev.tokenbroker.edges.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.joining;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Http2Frames;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Requests of strangers: a DPoP proof that nobody has used, and a credential that gets no token.
 * Safe for use by several threads.
 */
final class FloodRequests {

  static final int KNOWN_LINES = 4;

  private static final int KEYS = 16;
  private static final int SIGNED = 100;
  private static final int OLD_SECONDS = 600;
  private static final int LONG_BYTES = 6_000;
  private static final int SIGNATURE_BYTES = 64;
  private static final String FORM =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
          + "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
          + "&audience=payments-api&subject_token=";

  private final List<Issuer> issuers;
  private final List<TestKey> keys =
      IntStream.range(0, KEYS).mapToObj(at -> TestKey.fast("stranger-" + at)).toList();

  /** Credentials that an issuer has signed, and no rule or time permits. */
  private final List<String> expired;

  private final List<String> elsewhere;
  private final List<String> unpermitted;

  /** An issuer of the broker, as its {@code iss} and the {@code kid} of its key. */
  private record Issuer(String name, String kid) {}

  private FloodRequests(List<List<String>> told) {
    this.issuers =
        IntStream.range(0, told.get(0).size() / 2)
            .mapToObj(at -> new Issuer(told.get(0).get(2 * at), told.get(0).get(2 * at + 1)))
            .toList();
    this.expired = told.get(1);
    this.elsewhere = told.get(2);
    this.unpermitted = told.get(3);
  }

  /**
   * What strangers know, in that many lines for {@link #of}: the names of the issuers and what
   * these have signed.
   */
  static List<String> known(FakeIssuer... issuers) {
    List<FakeIssuer> signers = List.of(issuers);
    return List.of(
        signers.stream()
            .flatMap(signer -> Stream.of(signer.issuer(), signer.kid()))
            .collect(joining(" ")),
        signed(signers, claims -> claims.put("exp", Instant.now().getEpochSecond() - 60)),
        signed(signers, claims -> claims.put("aud", "https://elsewhere.example")),
        signed(signers, claims -> claims.put("repository", "stranger/fork")));
  }

  static FloodRequests of(List<String> known) {
    return new FloodRequests(known.stream().map(line -> List.of(line.split(" ", -1))).toList());
  }

  private static String signed(List<FakeIssuer> signers, Consumer<Map<String, Object>> change) {
    return IntStream.range(0, SIGNED)
        .mapToObj(
            _ ->
                one(signers)
                    .credential(
                        claims -> {
                          claims.put("jti", UUID.randomUUID().toString());
                          change.accept(claims);
                        }))
        .collect(joining(" "));
  }

  private enum CredentialKind {
    NOISE,
    LONG_NOISE,
    EMPTY,
    UNSIGNED,
    SYMMETRIC,
    FORGED,
    UNKNOWN_KEY,
    UNKNOWN_ISSUER,
    EXPIRED,
    ELSEWHERE,
    UNPERMITTED
  }

  private enum ProofKind {
    GOOD,
    OLD,
    FOR_ANOTHER_ADDRESS,
    FORGED,
    NOISE
  }

  /** A request to the token endpoint. */
  byte[] http() {
    byte[] body = (FORM + credential()).getBytes(US_ASCII);
    String head =
        """
        POST /token HTTP/1.1\r
        Host: localhost\r
        Content-Type: application/x-www-form-urlencoded\r
        DPoP: %s\r
        Content-Length: %d\r
        \r
        """
            .formatted(proof(HonestCallers.TOKEN_ENDPOINT), body.length);
    return concat(head.getBytes(US_ASCII), body);
  }

  /** A call of ExchangeToken as that stream. */
  byte[] grpc(int stream) {
    byte[] message = BrokerClient.exchangeOf(credential()).toByteArray();
    byte[] framed =
        ByteBuffer.allocate(5 + message.length)
            .put((byte) 0)
            .putInt(message.length)
            .put(message)
            .array();
    return concat(
        Http2Frames.post(
            stream,
            HonestCallers.METHOD,
            "application/grpc",
            Map.of("te", "trailers", "dpop", proof(HonestCallers.ADDRESS + HonestCallers.METHOD))),
        Http2Frames.lastData(stream, framed));
  }

  private String proof(String uri) {
    // Four of five are good, as those cost the broker a signature check each.
    ProofKind kind =
        ThreadLocalRandom.current().nextInt(5) > 0
            ? ProofKind.GOOD
            : one(List.of(ProofKind.values()));
    Instant now = Instant.now();
    return switch (kind) {
      case GOOD -> TestProof.of(one(keys), "POST", uri, now).signed();
      case OLD -> TestProof.of(one(keys), "POST", uri, now.minusSeconds(OLD_SECONDS)).signed();
      case FOR_ANOTHER_ADDRESS ->
          TestProof.of(one(keys), "POST", "https://elsewhere.example/token", now).signed();
      case FORGED -> {
        String good = TestProof.of(one(keys), "POST", uri, now).signed();
        yield good.substring(0, good.lastIndexOf('.') + 1) + noise(SIGNATURE_BYTES);
      }
      case NOISE -> noise(SIGNATURE_BYTES);
    };
  }

  private String credential() {
    return switch (one(List.of(CredentialKind.values()))) {
      case NOISE -> noise(20) + "." + noise(100) + "." + noise(SIGNATURE_BYTES);
      case LONG_NOISE -> noise(LONG_BYTES);
      case EMPTY -> "";
      case UNSIGNED -> unverifiable("none", one(issuers).kid(), one(issuers).name(), 0);
      case SYMMETRIC -> unverifiable("HS256", one(issuers).kid(), one(issuers).name(), 32);
      case FORGED -> forged(one(issuers).kid(), one(issuers).name());
      case UNKNOWN_KEY -> forged(UUID.randomUUID().toString(), one(issuers).name());
      case UNKNOWN_ISSUER -> forged("key-1", "https://" + UUID.randomUUID() + ".example");
      case EXPIRED -> one(expired);
      case ELSEWHERE -> one(elsewhere);
      case UNPERMITTED -> one(unpermitted);
    };
  }

  private static String forged(String kid, String issuer) {
    return unverifiable("ES256", kid, issuer, SIGNATURE_BYTES);
  }

  private static String unverifiable(
      String algorithm, String kid, String issuer, int signatureBytes) {
    long now = Instant.now().getEpochSecond();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer);
    claims.put("sub", "repo:acme/payments:ref:refs/heads/main");
    claims.put("aud", FakeIssuer.AUDIENCE);
    claims.put("iat", now);
    claims.put("exp", now + 300);
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("repository", "acme/payments");
    return part(Map.of("alg", algorithm, "kid", kid, "typ", "JWT"))
        + "."
        + part(claims)
        + "."
        + noise(signatureBytes);
  }

  private static String part(Map<String, Object> members) {
    return base64(JSONObjectUtils.toJSONString(members).getBytes(US_ASCII));
  }

  private static String noise(int bytes) {
    byte[] noise = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(noise);
    return base64(noise);
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(first);
    both.writeBytes(second);
    return both.toByteArray();
  }

  private static <T> T one(List<T> of) {
    return of.get(ThreadLocalRandom.current().nextInt(of.size()));
  }
}

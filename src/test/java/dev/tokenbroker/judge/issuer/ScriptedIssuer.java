package dev.tokenbroker.judge.issuer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.TestKeys;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.judge.issuer.KeySources.DocumentSource;
import dev.tokenbroker.peers.http.AnswerTimes;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.peers.http.TestAnswers;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An issuer without a network, in the time of a test clock. For one thread. */
final class ScriptedIssuer implements DocumentSource {

  static final String ISSUER = "https://issuer.example";

  static final Duration COOL_DOWN = Duration.ofSeconds(30);
  static final Duration TTL = Duration.ofMinutes(5);
  static final Duration MAX_STALE = Duration.ofHours(1);
  static final KeyTimes TIMES = new KeyTimes(COOL_DOWN, TTL, Duration.ofHours(1), MAX_STALE);

  private static final String DISCOVERY = ISSUER + "/.well-known/openid-configuration";

  private final TestClock clock;
  private final List<Long> fetchNanos = new ArrayList<>();
  private final List<String> fetched = new ArrayList<>();
  private final List<Boolean> pastCaches = new ArrayList<>();
  private String jwksUri = ISSUER + "/jwks";
  private String discoveryIssuer = ISSUER;
  private CallEnd keyAnswer;
  private @Nullable CallEnd discoveryAnswer;
  private @Nullable Duration maxAge;

  ScriptedIssuer(TestClock clock, String... kids) {
    this.clock = clock;
    this.keyAnswer = answer(keySet(kids));
  }

  /** Its keys, fetched by that source on the thread that asks. */
  RemoteKeys keys(DocumentSource source, ChangeListener changes) {
    return new RemoteKeys(
        new KeyLocation(ISSUER, null, null),
        TIMES,
        KeySources.IssuerAccess.open(source),
        clock,
        Runnable::run,
        changes);
  }

  @Override
  public CallEnd get(PeerRequest request, Deadline deadline) {
    fetchNanos.add(clock.nanoTime());
    String uri = request.uri().toString();
    fetched.add(uri);
    pastCaches.add(request.headers().containsKey("Cache-Control"));
    if (uri.equals(DISCOVERY)) {
      return discoveryAnswer != null ? discoveryAnswer : answer(discoveryDocument());
    }
    return uri.equals(jwksUri)
        ? keyAnswer
        : new CallFailed(FetchFailure.BAD_STATUS, "answered with status 404");
  }

  void publish(String... kids) {
    keyAnswer = answer(keySet(kids));
  }

  void publishFor(Duration ttl, String... kids) {
    maxAge = ttl;
    publish(kids);
  }

  void answerKeys(CallEnd answer) {
    keyAnswer = answer;
  }

  /** Null for the truth. */
  void answerDiscovery(@Nullable CallEnd answer) {
    discoveryAnswer = answer;
  }

  void nameInDiscovery(String issuer) {
    discoveryIssuer = issuer;
  }

  void moveKeys(String uri) {
    jwksUri = uri;
  }

  void fail(FetchFailure kind) {
    keyAnswer = new CallFailed(kind, "told to fail");
    discoveryAnswer = keyAnswer;
  }

  void recover(String... kids) {
    discoveryAnswer = null;
    publish(kids);
  }

  int fetches() {
    return fetchNanos.size();
  }

  List<Long> fetchNanos() {
    return fetchNanos;
  }

  /** Of the URIs fetched, the last path segments, in order. */
  List<String> fetched() {
    return fetched.stream().map(uri -> uri.substring(uri.lastIndexOf('/') + 1)).toList();
  }

  /** Of the fetches, whether caches were told to ask the issuer, in order. */
  List<Boolean> pastCaches() {
    return pastCaches;
  }

  CallEnd answer(String body) {
    return answer(body, maxAge, Duration.ZERO, null);
  }

  static CallEnd answer(
      String body, @Nullable Duration maxAge, Duration age, @Nullable Instant date) {
    return new CallEnd.Response(
        new AnswerTimes(null, maxAge, age, date, Duration.ofMillis(20), Duration.ofMillis(10)),
        TestAnswers.text(200, Map.of(), body.getBytes(UTF_8)));
  }

  static String keySet(String... kids) {
    return JSONObjectUtils.toJSONString(
        Map.of("keys", Arrays.stream(kids).map(TestKeys::named).map(TestKey::jwk).toList()));
  }

  private String discoveryDocument() {
    return JSONObjectUtils.toJSONString(Map.of("issuer", discoveryIssuer, "jwks_uri", jwksUri));
  }
}

package dev.tokenbroker.issue.sts;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.FakeUpstream.Asked;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever an upstream does, there is one reason for it, and nothing is left behind. Real sockets,
 * real TLS.
 */
class MisbehavingUpstreamStorm {

  /** Calls over all misbehaviours; {@code -Dupstream.calls=10000} for more. */
  private static final int CALLS = Integer.getInteger("upstream.calls", 500);

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final PresentedCredential CREDENTIAL =
      new PresentedCredential("urn:ietf:params:oauth:token-type:jwt", "head.claims.signature");

  /** A body that must show up nowhere. */
  private static final String SECRET = "internal-detail";

  @TempDir static Path directory;

  @AutoClose private static Vertx vertx;
  private static PeerClient client;
  @AutoClose private static FakeUpstream upstream;
  @AutoClose private static FakeUpstream untrusted;
  @AutoClose private static FakeUpstream misnamed;

  /** Has a port, and nobody listens there. */
  @AutoClose private static Socket deaf;

  private final AtomicInteger keys = new AtomicInteger();
  private Upstreams patient;
  private Upstreams impatient;

  /** What an upstream does, and what it is called. */
  enum Misbehaviour {
    UNAVAILABLE(503, "", RefusalReason.UPSTREAM_UNAVAILABLE),
    UNAVAILABLE_FOR_A_WHILE(503, "", RefusalReason.UPSTREAM_UNAVAILABLE),
    BROKEN(500, "{\"error\":\"server_error\"}", RefusalReason.UPSTREAM_UNAVAILABLE),
    THROTTLES(429, "", RefusalReason.UPSTREAM_THROTTLED),
    HANGS(Reply.hang(), RefusalReason.UPSTREAM_TIMED_OUT),
    DRIPS(FakeUpstream.drip(), RefusalReason.UPSTREAM_TIMED_OUT),
    RESETS(FakeUpstream.reset(), RefusalReason.UPSTREAM_UNREACHABLE),
    HANGS_UP(Reply.drop(), RefusalReason.UPSTREAM_UNREACHABLE),
    IS_GONE(RefusalReason.UPSTREAM_UNREACHABLE),
    SPEAKS_NO_TLS(RefusalReason.UPSTREAM_TLS_FAILED),
    IS_NOT_TRUSTED(RefusalReason.UPSTREAM_TLS_UNTRUSTED),
    HAS_ANOTHER_NAME(RefusalReason.UPSTREAM_CERTIFICATE_INVALID),
    HAS_NO_TLS_CONFIGURATION(RefusalReason.UPSTREAM_TLS_UNTRUSTED),
    IS_A_METADATA_SERVICE(RefusalReason.UPSTREAM_ADDRESS_REFUSED),
    ANSWERS_A_WEB_PAGE(
        Reply.of(200, Map.of("Content-Type", "text/html"), "<html>" + SECRET + "</html>"),
        RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    ANSWERS_A_WEB_PAGE_AS_JSON(
        200, "<html>" + SECRET + "</html>", RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    ANSWERS_NO_HTTP(Reply.raw("220 smtp ready\r\n\r\n"), RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    SAYS_THAT_IT_IS_AT_WORK(
        Reply.raw("HTTP/1.1 102 Processing\r\n\r\n"), RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    IS_CUT_SHORT(
        FakeUpstream.cutShort("{\"access_token\":\"" + SECRET), RefusalReason.UPSTREAM_UNREACHABLE),
    ANSWERS_50_MB(Reply.chunked(50 * 1024 * 1024), RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    COMPRESSES(
        Reply.of(
            200,
            Map.of("Content-Type", FakeUpstream.JSON, "Content-Encoding", "gzip"),
            new byte[100]),
        RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    NO_CONTENT(204, "", RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    SENDS_AWAY(
        Reply.of(307, Map.of("Location", "/elsewhere"), ""),
        RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    HAS_MOVED(404, SECRET + " head.claims.signature", RefusalReason.UPSTREAM_ANSWER_MALFORMED),
    WRONG_TYPE(
        200,
        "{\"access_token\":\"" + SECRET + "\",\"token_type\":\"N_A\",\"expires_in\":300}",
        RefusalReason.UPSTREAM_TOKEN_UNUSABLE),
    REFUSES_THE_CREDENTIAL(
        400,
        "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS700016: no app for %s\"}"
            .formatted("head.claims.signature"),
        RefusalReason.UPSTREAM_CREDENTIAL_REFUSED),
    REFUSES_THE_CLIENT(
        401, "{\"error\":\"invalid_client\"}", RefusalReason.UPSTREAM_CLIENT_REFUSED),
    PERMITS_NOTHING(403, "{\"error\":\"access_denied\"}", RefusalReason.UPSTREAM_NOT_PERMITTED);

    @SuppressWarnings("ImmutableEnumChecker") // a reply holds nothing that changes
    private final Reply reply;

    private final RefusalReason reason;

    Misbehaviour(RefusalReason reason) {
      this(FakeUpstream.token(), reason);
    }

    Misbehaviour(int status, String body, RefusalReason reason) {
      this(FakeUpstream.json(status, body), reason);
    }

    Misbehaviour(Reply reply, RefusalReason reason) {
      this.reply = reply;
      this.reason = reason;
    }
  }

  @BeforeAll
  static void start() throws IOException {
    vertx = Vertx.vertx();
    TestTls authority = TestTls.generate();
    client =
        PeerClients.trusting(vertx, PATIENCE, Map.of("authority", authority.writeRoot(directory)));
    upstream = FakeUpstream.start(MisbehavingUpstreamStorm::answer);
    untrusted = FakeUpstream.startTls(authority.server("localhost"), _ -> FakeUpstream.token());
    misnamed = FakeUpstream.startTls(authority.server("other.example"), _ -> FakeUpstream.token());
    deaf = new Socket();
    deaf.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  @BeforeEach
  void forgetFailures() {
    patient = upstreams(PATIENCE);
    impatient = upstreams(Duration.ofMillis(200));
  }

  @ParameterizedTest
  @EnumSource
  void has_one_reason(Misbehaviour misbehaviour) {
    Trail trail = new Trail();

    Refusal refusal = refused(call(misbehaviour, Deadline.after(PATIENCE), trail));

    assertThat(refusal.reason()).isEqualTo(misbehaviour.reason);
    assertThat(trail.failed()).isEqualTo(Step.UPSTREAM);
    assertThat(trail.refusal()).isEqualTo(refusal);
    assertThat(refusal.seen()).endsWith(", 1 attempt");
    assertThat(refusal.expected() + refusal.seen() + refusal.hints() + trail.findings())
        .doesNotContain(SECRET);
    assertThat(refusal.toString() + trail.findings() + trail.notes()).doesNotContain("signature");
    assertThat(trail.notes()).first().asString().contains("upstream corp-sso: circuit");
    assertThat(trail.notes())
        .anyMatch(note -> note.startsWith("The token endpoint ") && note.contains("://"));
    assertThat(refusal.retryAfter() != null)
        .isEqualTo(
            refusal.reason().retry() == RefusalReason.Retry.LATER
                && !Upstream.isDefinite(refusal.reason()));
  }

  @Test
  void what_the_upstream_says_of_when_to_come_back_is_passed_on() {
    Refusal refusal =
        refused(call(Misbehaviour.UNAVAILABLE_FOR_A_WHILE, Deadline.after(PATIENCE), new Trail()));

    assertThat(refusal.retryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void the_callers_deadline_is_not_the_upstreams_fault() {
    Deadline soon = Deadline.after(Duration.ofMillis(50));

    refused(call(Misbehaviour.HANGS, soon, new Trail()), RefusalReason.DEADLINE_EXCEEDED);
  }

  @Test
  void thousands_of_them_leave_no_threads_and_no_connections() throws Exception {
    accepted(good());
    callAll(Misbehaviour.values().length);
    awaitQuiet();
    int threads = threads();
    long files = openFiles();

    long began = System.nanoTime();
    callAll(CALLS);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    awaitQuiet();

    // The pools that the first calls warmed up may still have grown to their bounds.
    int mostThreads = threads + 40;
    long mostFiles = files + 20;
    assertThat(Eventually.see(MisbehavingUpstreamStorm::threads, now -> now <= mostThreads))
        .isLessThanOrEqualTo(mostThreads);
    assertThat(Eventually.see(MisbehavingUpstreamStorm::openFiles, now -> now <= mostFiles))
        .isLessThanOrEqualTo(mostFiles);
    System.out.printf(
        "%d calls at misbehaving upstreams in %d ms: threads %d -> %d, open files %d -> %d%n",
        CALLS, took.toMillis(), threads, threads(), files, openFiles());
    accepted(good());
  }

  private void callAll(int calls) throws Exception {
    Misbehaviour[] all = Misbehaviour.values();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RefusalReason>> ends = new ArrayList<>();
      for (int call = 0; call < calls; call++) {
        Misbehaviour misbehaviour = all[call % all.length];
        ends.add(
            callers.submit(
                () ->
                    refused(call(misbehaviour, Deadline.after(Duration.ofMinutes(2)), new Trail()))
                        .reason()));
        // No more at a time than a guard lets through, so that none is turned away.
        if (call >= 24) {
          ends.get(call - 24).get();
        }
      }
      for (int call = 0; call < calls; call++) {
        assertThat(ends.get(call).get()).isEqualTo(all[call % all.length].reason);
      }
    }
  }

  private static Upstreams upstreams(Duration attemptTimeout) {
    return TestUpstreams.of(
        client, TestUpstreams.oneAttempt(attemptTimeout), InstantSource.system());
  }

  private Outcome<IssuedToken> good() {
    return ask(
        patient, TestUpstreams.at(upstream.uri("/good")), Deadline.after(PATIENCE), new Trail());
  }

  private Outcome<IssuedToken> call(Misbehaviour misbehaviour, Deadline deadline, Trail trail) {
    // Those that never end are waited for a short time, and all others as long as it takes.
    Upstreams upstreams =
        misbehaviour.reason == RefusalReason.UPSTREAM_TIMED_OUT ? impatient : patient;
    return ask(upstreams, definition(misbehaviour), deadline, trail);
  }

  private Outcome<IssuedToken> ask(
      Upstreams upstreams, UpstreamDefinition definition, Deadline deadline, Trail trail) {
    return upstreams
        .of(definition)
        .exchange(
            keys.incrementAndGet(),
            ExchangeGrants.of(ExchangeGrants.plain()),
            CREDENTIAL,
            InstantSource.system().instant(),
            deadline,
            trail);
  }

  private static UpstreamDefinition definition(Misbehaviour misbehaviour) {
    return switch (misbehaviour) {
      case IS_GONE ->
          TestUpstreams.at(URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/token"));
      case SPEAKS_NO_TLS ->
          TestUpstreams.at(URI.create(upstream.origin().replace("http:", "https:")));
      case IS_NOT_TRUSTED -> TestUpstreams.at(untrusted.uri("/token"));
      case HAS_ANOTHER_NAME -> trusting(misnamed, "authority");
      case HAS_NO_TLS_CONFIGURATION -> trusting(untrusted, "absent");
      case IS_A_METADATA_SERVICE -> TestUpstreams.at(URI.create("https://169.254.169.254/token"));
      default -> TestUpstreams.at(upstream.uri("/" + misbehaviour.name()));
    };
  }

  private static UpstreamDefinition trusting(FakeUpstream upstream, String tls) {
    return TestUpstreams.of(
        null,
        upstream.uri("/token"),
        UpstreamGrant.TOKEN_EXCHANGE,
        new ClientAuthentication.NoAuthentication("broker"),
        tls);
  }

  private static Reply answer(Asked asked) {
    String name = asked.path().substring(1);
    if (name.equals(Misbehaviour.UNAVAILABLE_FOR_A_WHILE.name())) {
      return Reply.of(503, Map.of("Retry-After", "7"), "");
    }
    return Arrays.stream(Misbehaviour.values())
        .filter(misbehaviour -> misbehaviour.name().equals(name))
        .findFirst()
        .map(misbehaviour -> misbehaviour.reply)
        .orElseGet(FakeUpstream::token);
  }

  /** All connections are closed on the other side, too. */
  private static void awaitQuiet() throws InterruptedException {
    for (FakeUpstream each : List.of(upstream, untrusted, misnamed)) {
      assertThat(each.awaitNoConnection(Duration.ofSeconds(20))).isTrue();
    }
  }

  private static int threads() {
    return Thread.getAllStackTraces().size();
  }

  private static long openFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }
}

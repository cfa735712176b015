package dev.tokenbroker.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.tokenbroker.door.ArrivingBytes;
import dev.tokenbroker.door.ArrivingBytes.Door;
import dev.tokenbroker.door.UnreadAnswers;
import dev.tokenbroker.exchange.Admission;
import dev.tokenbroker.federation.Federations;
import dev.tokenbroker.grpc.AuditLines;
import dev.tokenbroker.grpc.DeafPeer;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.grpc.TestFederation;
import dev.tokenbroker.http.HostileRequests.Hostile;
import dev.tokenbroker.http.TokenClient.Answer;
import dev.tokenbroker.issuer.FakeIssuer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Clients that mean harm: none is answered by a bug or not at all, nothing is left of them, and
 * exchanges on other connections go on.
 */
@QuarkusTest
@TestProfile(HostileHttpTest.ShortPatience.class)
class HostileHttpTest {

  private static final int REQUESTS = Integer.getInteger("hostile.requests", 3_000);
  private static final int IDLE = Integer.getInteger("hostile.idle", 300);
  private static final int RESETS = Integer.getInteger("hostile.resets", 6_000);

  /** How long a body may take to arrive; it takes longer to open ten thousand connections. */
  private static final int SECONDS = Integer.getInteger("hostile.seconds", 3);

  private static final int SLOW = 100;

  /** Requests whose answers are more than the buffers of a connection hold. */
  private static final int MANY = 100_000;

  private static final int CLIENTS = 16;

  /** Whose heads would be larger than what may wait of a connection. */
  private static final int AT_ONCE = 400;

  private static final String JWKS = "/.well-known/jwks.json";

  /**
   * Files and pipes that come with what is loaded, and connections that clients keep for a while.
   */
  private static final int OTHER_DESCRIPTORS = 100;

  private static final long SEED = Long.getLong("fuzz.seed", 20261124L);
  private static final Set<Integer> REFUSALS =
      Set.of(RawConnection.CLOSED, 400, 404, 405, 408, 413, 414, 415, 417, 431);

  @Inject Federations federations;
  @Inject ArrivingBytes bytes;
  @Inject Admission admission;
  @Inject UnreadAnswers unread;
  @TestHTTPResource URI url;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final AuditLines audit = new AuditLines();
  private long descriptorsBefore;

  /** A body must arrive within that time, and something must within twice as long. */
  public static final class ShortPatience implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "token-broker.exchange.max-duration", SECONDS + "s",
          "quarkus.http.idle-timeout", 2 * SECONDS + "s");
    }
  }

  @BeforeEach
  void start() {
    descriptorsBefore = descriptors();
    new TestFederation().issuer("good", issuer.issuer()).load(federations);
  }

  @AfterEach
  void stop() {
    audit.close();
    issuer.close();
  }

  /** Somebody else, who exchanges all the while. */
  private final class Bystander implements AutoCloseable {

    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<Integer> refused;
    private final TokenClient client = new TokenClient(url, Version.HTTP_2);

    Bystander() {
      String credential = issuer.credential();
      assertThat(client.post(TokenClient.exchangeOf(credential)).status()).isEqualTo(200);
      refused =
          thread.submit(
              () -> {
                int failed = 0;
                while (!over.get()) {
                  failed += client.post(TokenClient.exchangeOf(credential)).status() == 200 ? 0 : 1;
                }
                return failed;
              });
    }

    int refused() throws Exception {
      over.set(true);
      return refused.get();
    }

    @Override
    public void close() {
      over.set(true);
      thread.shutdownNow();
      client.close();
    }
  }

  @Test
  void refuses_what_is_oversized_malformed_or_cut() throws Exception {
    System.out.printf("HostileHttpTest: %d requests, seed %d%n", REQUESTS, SEED);
    Queue<String> broken = new ConcurrentLinkedQueue<>();
    Map<String, Integer> endings = new ConcurrentSkipListMap<>();
    String form = TokenClient.exchangeOf(issuer.credential()).encoded();

    try (Bystander bystander = new Bystander()) {
      try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
        for (int client = 0; client < CLIENTS; client++) {
          var requests = new HostileRequests(new SplittableRandom(SEED + client), form);
          clients.execute(
              () -> {
                for (int at = 0; at < REQUESTS / CLIENTS; at++) {
                  judge(requests.next(), endings, broken);
                }
              });
        }
      }
      assertThat(bystander.refused()).isZero();
    }

    System.out.printf("HostileHttpTest: %s%n", endings);
    assertThat(broken).isEmpty();
    assertThatNothingIsLeft();
  }

  private void judge(Hostile hostile, Map<String, Integer> endings, Queue<String> broken) {
    try (RawConnection connection = new RawConnection(url)) {
      connection.send(hostile.text());
      if (!hostile.cut()) {
        int status = connection.status();
        endings.merge(hostile.kind() + " " + status, 1, Integer::sum);
        if (!REFUSALS.contains(status)) {
          broken.add(hostile.kind() + " got " + status);
        }
      }
    } catch (RuntimeException | AssertionError unanswered) {
      broken.add(hostile.kind() + ": " + unanswered);
    }
  }

  @Test
  void waits_for_a_slow_body_no_longer_than_for_an_exchange() throws Exception {
    List<RawConnection> slow = new ArrayList<>();
    try (Bystander bystander = new Bystander()) {
      for (int at = 0; at < SLOW; at++) {
        slow.add(
            new RawConnection(url)
                .send(
                    "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type="));
      }
      assertThat(Eventually.see(() -> bytes.held(Door.HTTP), held -> held > 0)).isPositive();

      assertThat(slow).extracting(RawConnection::status).containsOnly(408);
      assertThat(bystander.refused()).isZero();
    } finally {
      slow.forEach(RawConnection::close);
    }
    assertThatNothingIsLeft();
  }

  @Test
  void ends_and_records_an_exchange_in_time_whether_or_not_its_client_is_still_there() {
    try (FakeIssuer hanging = FakeIssuer.start();
        TokenClient patient = new TokenClient(url, Version.HTTP_1_1)) {
      hanging.answer(FakeIssuer.Answer.HANG);
      new TestFederation().issuer("hanging", hanging.issuer()).load(federations);
      String form = TokenClient.exchangeOf(hanging.credential()).encoded();
      try (RawConnection gone = new RawConnection(url)) {
        gone.send(
            "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n"
                    .formatted(form.length())
                + "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
                + form);
        assertThat(Eventually.see(() -> admission.status().inFlight(), some -> some > 0))
            .isPositive();
      }

      Answer answer = patient.post(TokenClient.exchangeOf(hanging.credential()));

      // No request can set a deadline, so that it is no caller's that has passed.
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text("reason")).isEqualTo("KEYS_UNREACHABLE");
      assertThat(answer.header("retry-after")).matches("[1-9]\\d*");
      assertThat(audit.with("KEYS_UNREACHABLE")).hasSize(1);
      assertThat(audit.with("went away")).hasSize(1);
    }
    assertThatNothingIsLeft();
  }

  @Test
  void hangs_up_on_who_opens_streams_and_resets_them() throws Exception {
    try (Bystander bystander = new Bystander()) {
      try (RawConnection connection = new RawConnection(url)) {
        connection.send(RapidReset.streams(RESETS)).untilClosed();
      }
      assertThat(bystander.refused()).isZero();
    }
    assertThatNothingIsLeft();
  }

  @Test
  void answers_who_reads_however_much_is_asked_at_once_and_with_however_large_heads() {
    try (RawConnection connection = new RawConnection(url)) {
      ByteArrayOutputStream requests = new ByteArrayOutputStream();
      requests.writeBytes(Http2Frames.preface(Http2Frames.FIRST_WINDOW));
      requests.writeBytes(
          Http2Frames.moreWindow(Http2Frames.LARGEST_WINDOW - Http2Frames.FIRST_WINDOW));
      for (int at = 0; at < AT_ONCE; at++) {
        requests.writeBytes(Http2Frames.getAgain(1 + 2 * at, JWKS, 3_000, 10));
      }
      connection.send(requests.toByteArray());

      for (int answered = 0; answered < AT_ONCE; ) {
        answered += connection.frame().isLast() ? 1 : 0;
      }
    }
  }

  /** What the router fails before it asks any route. */
  @Test
  void hangs_up_on_who_asks_for_what_is_no_path_and_reads_no_answer() throws Exception {
    try (Bystander bystander = new Bystander()) {
      try (DeafPeer peer = DeafPeer.overHttp1(url)) {
        peer.pipeline("x", MANY);
        assertThatItIsHungUpOn(peer);
      }
      try (DeafPeer peer = DeafPeer.withoutWindows(url)) {
        peer.get("?", SLOW);
        assertThatItIsHungUpOn(peer);
      }
      assertThat(bystander.refused()).isZero();
    }
    assertThatNothingIsLeft();
  }

  /** What the server below answers before it lets anybody see it. */
  @Test
  void hangs_up_on_who_asks_for_what_is_no_address_and_reads_no_answer() throws Exception {
    try (Bystander bystander = new Bystander()) {
      try (DeafPeer peer = DeafPeer.overHttp1(url)) {
        assertThat(peer.isLostBy(() -> peer.pipeline("/%zz", 1_000), 1_000)).isTrue();
      }
      try (DeafPeer peer = new DeafPeer(url)) {
        assertThat(peer.isLostBy(() -> peer.get("/%zz", 1_000), 1_000)).isTrue();
      }
      try (DeafPeer peer = new DeafPeer(url)) {
        assertThat(peer.isLostBy(peer::ping, MANY)).isTrue();
      }
      assertThat(bystander.refused()).isZero();
    }
    assertThatNothingIsLeft();
  }

  private void assertThatItIsHungUpOn(DeafPeer peer) {
    assertThat(Eventually.see(unread::held, held -> held > 0)).isPositive();
    assertThat(Eventually.see(unread::held, held -> held == 0)).isZero();
    peer.untilClosed();
  }

  @Test
  void closes_idle_connections_and_keeps_room_for_others_beside_them() throws Exception {
    try (Bystander bystander = new Bystander();
        IdleConnections idle = IdleConnections.open(url, IDLE)) {
      idle.awaitOpen();
      long most = descriptors() - descriptorsBefore;
      idle.awaitClosed();

      System.out.printf("%d idle connections, %d descriptors more at once%n", IDLE, most);
      assertThat(bystander.refused()).isZero();
    }
    assertThatNothingIsLeft();
  }

  private void assertThatNothingIsLeft() {
    assertThat(Eventually.see(() -> bytes.held(Door.HTTP), held -> held == 0)).isZero();
    assertThat(Eventually.see(() -> admission.status().inFlight(), none -> none == 0)).isZero();
    long limit = descriptorsBefore + OTHER_DESCRIPTORS;
    assertThat(Eventually.see(HostileHttpTest::descriptors, open -> open <= limit))
        .isLessThanOrEqualTo(limit);
  }

  /** Connections among them: the clients' ends too, where these are in this process. */
  private static long descriptors() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
        .getOpenFileDescriptorCount();
  }
}

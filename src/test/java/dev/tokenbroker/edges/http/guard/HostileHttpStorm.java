package dev.tokenbroker.edges.http.guard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.tokenbroker.edges.grpc.AuditLines;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.grpc.TestFederation;
import dev.tokenbroker.edges.http.guard.HostileRequests.Hostile;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.edges.http.token.TokenClient.Answer;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Hostile clients: each gets a refusal or is cut off, no resources stay in use, and exchanges on
 * other connections succeed meanwhile.
 */
@QuarkusTest
@TestProfile(HostileHttpStorm.ShortPatience.class)
class HostileHttpStorm {

  private static final int REQUESTS = Integer.getInteger("hostile.requests", 3_000);
  private static final int IDLE = Integer.getInteger("hostile.idle", 300);

  /** How long a body may take to arrive; it takes longer to open ten thousand connections. */
  private static final int SECONDS = Integer.getInteger("hostile.seconds", 3);

  private static final int SLOW = 100;
  private static final int CLIENTS = 16;

  /** Files and pipes of loaded classes, and connections that clients keep for a while. */
  private static final int OTHER_DESCRIPTORS = 100;

  private static final long SEED = Long.getLong("fuzz.seed", 20261124L);
  private static final Set<Integer> REFUSALS =
      Set.of(RawConnection.CLOSED, 400, 404, 405, 408, 413, 414, 415, 417, 431);

  @Inject Federations federations;
  @Inject Admission admission;
  @TestHTTPResource URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private final AuditLines audit = new AuditLines();
  private long descriptorsBefore;

  /** A body must arrive within that time, and a silent connection ends after twice as long. */
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

  /** Another client, which exchanges all the while. */
  private final class Bystander implements AutoCloseable {

    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<Integer> refused;
    private final TokenClient client = new TokenClient(url, Version.HTTP_1_1);

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
    System.out.printf("HostileHttpStorm: %d requests, seed %d%n", REQUESTS, SEED);
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

    System.out.printf("HostileHttpStorm: %s%n", endings);
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

      assertThat(slow).extracting(RawConnection::status).containsOnly(408);
      assertThat(bystander.refused()).isZero();
    } finally {
      slow.forEach(RawConnection::close);
    }
    assertThatNothingIsLeft();
  }

  @Test
  void ends_and_records_an_exchange_in_time_without_its_client() {
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

      // A form cannot carry a deadline, so it is not the caller's deadline that has passed.
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text("reason")).isEqualTo("KEYS_UNREACHABLE");
      assertThat(answer.header("retry-after")).matches("[1-9]\\d*");
      assertThat(Eventually.see(() -> audit.with("KEYS_UNREACHABLE"), both -> both.size() == 2))
          .hasSize(2);
    }
    assertThatNothingIsLeft();
  }

  @Test
  void closes_idle_connections_and_keeps_room_for_others() throws Exception {
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
    assertThat(Eventually.see(() -> admission.status().inFlight(), none -> none == 0)).isZero();
    long limit = descriptorsBefore + OTHER_DESCRIPTORS;
    assertThat(Eventually.see(HostileHttpStorm::descriptors, open -> open <= limit))
        .isLessThanOrEqualTo(limit);
  }

  /** Connections are among them: the clients' ends, too, if they are in this process. */
  private static long descriptors() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
        .getOpenFileDescriptorCount();
  }
}

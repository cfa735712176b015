package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.Flood.Sent;
import dev.tokenbroker.edges.edge.HonestCallers.Served;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.store.ValkeyServer;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Strangers flood the broker with DPoP proofs of their own and credentials that get no token,
 * beside fifty honest callers. The same flood at a server that reads and closes shows what the
 * flood costs this machine without the broker.
 */
@Tag("flood")
@Tag("jar")
@Timeout(600)
class AnonymousFloodIT {

  private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("flood.seconds", 3));
  private static final int RATE = Integer.getInteger("flood.rate", 500);

  /** How much longer the slowest honest calls may take; 0 if the machine has other work. */
  private static final long DELAY_MILLIS = Long.getLong("flood.delay-millis", 0);

  private static final Duration WARM_UP = TIME.dividedBy(4).plusSeconds(2);

  /** The formula of src/docs/operate/store.md, for one key file and one replica. */
  private static final int CLAIM_BYTES = 400;

  private static final int CREDENTIAL_SECONDS = 300;
  private static final int MORE_SECONDS = 305;
  private static final int MAX_REMEMBERED = 20_000;

  /** Connections of the broker and of the operator. */
  private static final long SERVER_BYTES = 1 << 20;

  /** What the store has beside claims: the epoch, the roster and the logs. */
  private static final int OTHER_NAMES = 16;

  private static final long RESIDENT_KIB = 1 << 20;

  @TempDir Path directory;

  @AutoClose private final FakeIssuer often = FakeIssuer.start();
  @AutoClose private final FakeIssuer once = FakeIssuer.start();
  private final List<String> known = FloodRequests.known(often, once);

  @Test
  void leaves_honest_callers_their_tokens_without_a_store() throws Exception {
    try (BrokerProcess broker = setup().start()) {
      compare("without a store", broker);
    }
  }

  @Test
  void leaves_honest_callers_their_tokens_and_the_store_its_memory() throws Exception {
    try (ValkeyServer store = ValkeyServer.start(directory);
        BrokerProcess broker = store.shared(setup(), 2_000).start()) {
      long before = memory(store, "used_memory");

      long claims = compare("with a store", broker);

      long names = Long.parseLong(store.admin("DBSIZE").getFirst());
      long peak = memory(store, "used_memory_peak") - before;
      long formula =
          CLAIM_BYTES
              * (HonestCallers.oncePerSecond() * (CREDENTIAL_SECONDS + MORE_SECONDS)
                  + MAX_REMEMBERED);
      System.out.printf(
          "the store: %d names, %d claims of honest callers; %d bytes before, at most %d more,"
              + " %d more after, %d by the formula%n",
          names, claims, before, peak, memory(store, "used_memory") - before, formula);
      assertThat(names).isLessThanOrEqualTo(claims + OTHER_NAMES);
      assertThat(peak)
          .isLessThanOrEqualTo(formula)
          .isLessThanOrEqualTo(CLAIM_BYTES * claims + SERVER_BYTES);
    }
  }

  /** Holds both runs beside each other; returns how many claims the honest callers made. */
  private long compare(String which, BrokerProcess broker) throws Exception {
    List<Integer> ports = List.of(broker.port(), broker.grpcPort());
    try (HonestCallers callers = new HonestCallers(broker, often, once)) {
      Served warm = beside(which + ", warm-up", broker, callers, ports);
      Served alone = beside(which + ", flood elsewhere", broker, callers, List.of());
      Served flooded = beside(which + ", flood", broker, callers, ports);

      assertThat(flooded.refused()).isEmpty();
      assertThat(alone.refused()).isEmpty();
      if (DELAY_MILLIS > 0) {
        assertThat(flooded.p99Micros())
            .isLessThanOrEqualTo(alone.p99Micros() + DELAY_MILLIS * 1_000);
      }
      assertThat(status(broker, "VmHWM")).isLessThan(RESIDENT_KIB);
      return warm.claims() + alone.claims() + flooded.claims();
    }
  }

  private Served beside(
      String which, BrokerProcess broker, HonestCallers callers, List<Integer> ports)
      throws Exception {
    boolean warming = which.endsWith("warm-up");
    long lines = audited(broker);
    long residentBefore = status(broker, "VmRSS");
    Duration cpuBefore = cpu(broker);
    Served served;
    Sent sent;
    long elapsed;
    int rate = warming ? RATE / 4 : RATE;
    long begin = System.nanoTime();
    try (Flood flood = Flood.start(known, rate, ports)) {
      served = callers.call(warming ? WARM_UP : TIME);
      sent = flood.sent();
      elapsed = System.nanoTime() - begin;
    }
    System.out.printf(
        "%s: %d honest calls, p50 %d us, p99 %d us, the slowest %d us, refused %s; %s, %d a"
            + " second; %d audit lines; %d ms of processor time in %d ms; %d KiB resident before,"
            + " %d after, %d at most%n",
        which,
        served.micros().size(),
        served.p50Micros(),
        served.p99Micros(),
        served.micros().getLast(),
        served.refused(),
        sent,
        sent.requests() * TimeUnit.SECONDS.toNanos(1) / elapsed,
        audited(broker) - lines,
        cpu(broker).minus(cpuBefore).toMillis(),
        TimeUnit.NANOSECONDS.toMillis(elapsed),
        residentBefore,
        status(broker, "VmRSS"),
        status(broker, "VmHWM"));
    assertThat(sent.granted()).isZero();
    return served;
  }

  private static long audited(BrokerProcess broker) {
    return broker.lines().stream().filter(line -> line.contains("\"intent\":")).count();
  }

  private static Duration cpu(BrokerProcess broker) {
    return ProcessHandle.of(broker.pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  private static long status(BrokerProcess broker, String member) {
    return Unchecked.get(
        () ->
            Files.readAllLines(Path.of("/proc/" + broker.pid() + "/status")).stream()
                .filter(line -> line.startsWith(member + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow());
  }

  private static long memory(ValkeyServer store, String member) {
    return store.admin("INFO", "memory").stream()
        .filter(line -> line.startsWith(member + ":"))
        .mapToLong(line -> Long.parseLong(line.substring(member.length() + 1).strip()))
        .findFirst()
        .orElseThrow();
  }

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(Documents.write(directory, federation()))
        // Where times count, all compilers, as in production.
        .environment(
            "_JAVA_OPTIONS", "-Xmx512m" + (DELAY_MILLIS > 0 ? " -XX:TieredStopAtLevel=4" : ""))
        .with("token-broker.dpop.base-urls", HonestCallers.ADDRESS)
        .with("token-broker.dpop.max-remembered", "" + MAX_REMEMBERED);
  }

  private String federation() {
    return """
    issuers:
      - {name: often, issuer: '%1$s', audiences: ['%3$s']}
      - {name: once, issuer: '%2$s', audiences: ['%3$s'], once: true}
    targets:
      - {audience: payments-api, mint: {lifetime: 5m}}
    rules:
      - {name: most, issuer: often, audience: payments-api, when: claims.repository == "acme/payments", scopes: [read]}
      - {name: each, issuer: once, audience: payments-api, when: claims.repository == "acme/payments", scopes: [read]}
    """
        .formatted(often.issuer(), once.issuer(), FakeIssuer.AUDIENCE);
  }
}

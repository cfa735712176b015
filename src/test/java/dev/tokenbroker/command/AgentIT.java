package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.command.ProducedArtifact.Ended;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent as a process, with a broker that runs. {@code -Dagent.seconds=600 -Dagent.life=40} is
 * the long form.
 */
@Tag("packaged")
class AgentIT {

  private static final Duration WHOLE = Duration.ofSeconds(Long.getLong("agent.seconds", 1));
  private static final Duration LIFE = Duration.ofSeconds(Long.getLong("agent.life", 8));
  private static final Duration HALF = LIFE.dividedBy(2);

  /** The agent promises 5 s, and 16 s after a refusal; the rest is for a busy machine. */
  private static final Duration BACK = Duration.ofSeconds(8);

  private static final Duration BACK_AFTER_REFUSAL = Duration.ofSeconds(20);
  private static final int MOST_MORE_DESCRIPTORS = 10;
  private static final int MOST_MORE_KIB = 64 * 1024;
  private static final Pattern PORT = Pattern.compile(" is at port (\\d+):");

  /** A file system of its own, of four pages, which only this process and its children see. */
  private static final String ON_SMALL_DISK =
      """
      exec unshare -rm sh -c 'mount -t tmpfs -o size=16k none DIRECTORY && exec "$@"' sh "$@"
      """;

  @TempDir Path directory;
  private Samples samples;
  private Path token;
  @AutoClose private BrokerProcess broker;

  @BeforeEach
  void serve() throws IOException {
    samples = Samples.in(directory);
    Path run = Files.createDirectory(directory.resolve("run"));
    token = run.resolve("token");
    samples.write(
        "served.yaml",
        Samples.GOOD.replace("lifetime: 10m", "lifetime: " + LIFE.toSeconds() + "s"));
    broker = start(0);
    renewCredential();
  }

  @Test
  void once_fills_the_files_of_an_init_container() throws IOException {
    Ended once = ProducedArtifact.run("", "agent", document(""), "--once");

    assertThat(once.code()).as(once.err()).isZero();
    assertThat(once.out()).isEmpty();
    assertThat(once.err().lines())
        .singleElement()
        .asString()
        .startsWith("token-broker: " + token + ": written, good until ");
    assertThat(end(Files.readString(token))).isAfter(Instant.now());
  }

  @Test
  void starts_before_the_credential_exists_and_stops_cleanly() throws IOException {
    Files.delete(directory.resolve("ci.jwt"));
    try (Running agent =
        new Running(ProducedArtifact.start(Map.of(), List.of("agent", document(""))))) {
      URI ready = agent.health();

      assertThat(Http.get(ready).statusCode()).isEqualTo(503);
      assertThat(Http.get(ready).body()).contains("\"state\":\"missing\"", "does not exist");
      renewCredential();
      Eventually.until(() -> Http.get(ready), answer -> answer.statusCode() == 200);
      assertThat(Http.get(ready).body()).contains("\"state\":\"fresh\"").doesNotContain("problem");
      agent.signal("TERM");
      assertThat(agent.code()).isZero();
      assertThat(token).exists();
      assertThat(agent.said()).doesNotContain(Files.readString(token));
    }
  }

  @Test
  void its_command_gets_token_and_signals_and_gives_the_exit_code() throws IOException {
    Path trace = directory.resolve("trace");
    String script =
        """
        trap 'echo hup >> $1' HUP
        trap 'echo term >> $1; exit 7' TERM
        cut -c1-3 $0 > $1
        while :; do sleep 0.1; done
        """;
    List<String> line =
        List.of(
            "agent",
            document("    signal: HUP\n"),
            "--",
            "sh",
            "-c",
            script,
            "" + token,
            "" + trace);
    try (Running agent = new Running(ProducedArtifact.start(Map.of(), line))) {
      Eventually.until(() -> text(trace), "eyJ\n"::equals);
      // The agent itself sends it after the renewal, too.
      agent.signal("HUP");
      Eventually.until(() -> text(trace), text -> text.startsWith("eyJ\nhup\n"));
      Eventually.until(LIFE, () -> text(trace), text -> text.startsWith("eyJ\nhup\nhup\n"));
      agent.signal("TERM");

      assertThat(agent.code()).as(agent.said()).isEqualTo(7);
      assertThat(text(trace)).endsWith("term\n");
    }
  }

  @Test
  void a_user_without_the_right_to_change_owners_cannot_do_so() throws IOException {
    String script =
        """
        if [ "$(id -u)" = 0 ]; then
          set -- setpriv --bounding-set=-chown --inh-caps=-chown "$@"
        fi
        exec "$@"
        """;
    String document = document("    owner: 4711\n");
    Ended ended =
        ProducedArtifact.end(
            ProducedArtifact.startBy(script, List.of("agent", document, "--once")));

    assertThat(ended.code()).isEqualTo(65);
    assertThat(ended.err()).contains("this process may not give files to the owner");
    assertThat(token).doesNotExist();
  }

  /** No reader sees an empty, a torn or an expired token, whatever fails for half of a life. */
  @Test
  void files_stay_good_through_faults_and_are_fresh_soon_after_them() throws IOException {
    Process process =
        ProducedArtifact.startBy(
            ON_SMALL_DISK.replace("DIRECTORY", "" + token.getParent()),
            List.of("agent", document("")));
    try (Running agent = new Running(process)) {
      URI ready = agent.health();
      Path seen = Path.of("/proc/" + process.pid() + "/root" + token);
      Eventually.until(() -> Http.get(ready), answer -> answer.statusCode() == 200);
      long descriptors = descriptors(process);
      long memory = memory(process);
      try (Reader reader = new Reader(seen)) {
        for (long begun = System.nanoTime(); left(begun).isPositive(); ) {
          int port = broker.port();
          broker.close();
          pass(HALF);
          broker = start(port);
          fresh(ready, BACK);

          Files.writeString(directory.resolve("ci.jwt"), samples.read("fork.jwt"));
          pass(HALF);
          renewCredential();
          fresh(ready, BACK_AFTER_REFUSAL);

          fill(seen.resolveSibling("full"));
          pass(HALF);
          Files.delete(seen.resolveSibling("full"));
          fresh(ready, BACK);

          remount(process, "ro");
          pass(HALF.dividedBy(2)); // what has ended cannot be removed there
          remount(process, "rw");
          fresh(ready, BACK);
        }
        assertThat(reader.faults()).isEmpty();
        assertThat(reader.reads()).isGreaterThan(1000);
      }
      assertThat(descriptors(process)).isLessThanOrEqualTo(descriptors + MOST_MORE_DESCRIPTORS);
      assertThat(memory(process)).isLessThanOrEqualTo(memory + MOST_MORE_KIB);
    }
  }

  private BrokerProcess start(int port) {
    return new BrokerProcess.Setup(directory.resolve("served.yaml"))
        .with("quarkus.http.port", "" + port)
        .start();
  }

  private String document(String more) {
    return samples.write(
        "agent.yaml",
        """
        broker: http://127.0.0.1:%d
        credential: file:%s
        health: 0
        files:
          - path: %s
            audience: payments-api
        %s"""
            .formatted(broker.port(), samples.path("ci.jwt"), token, more));
  }

  private void renewCredential() {
    samples.write("ci.jwt", Samples.credential().sign());
  }

  private static Duration left(long begun) {
    return WHOLE.minusNanos(System.nanoTime() - begun);
  }

  private static void pass(Duration time) {
    Eventually.see(time, () -> false, ended -> ended);
  }

  private static void fresh(URI ready, Duration within) {
    Eventually.until(within, () -> Http.get(ready), answer -> answer.statusCode() == 200);
  }

  /** Takes all room that is left, to the last byte. */
  private static void fill(Path file) throws IOException {
    try (var out = Files.newOutputStream(file)) {
      for (int bytes = 0; bytes < 64 << 10; bytes++) {
        out.write(0);
      }
      throw new AssertionError("the disk does not get full");
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private void remount(Process process, String how) throws IOException {
    String pid = "" + process.pid();
    List<String> line =
        List.of("nsenter", "-t", pid, "-U", "-m", "--preserve-credentials", "mount", "-o");
    Eventually.until( // it is busy while the agent writes
        () ->
            run(
                Stream.concat(line.stream(), Stream.of("remount," + how, "" + token.getParent()))
                    .toList()),
        code -> code == 0);
  }

  private static int run(List<String> line) {
    return Unchecked.get(() -> new ProcessBuilder(line).inheritIO().start().waitFor());
  }

  private static long descriptors(Process process) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.count();
    }
  }

  /** The resident KiB. */
  private static long memory(Process process) throws IOException {
    String status = Files.readString(Path.of("/proc/" + process.pid() + "/status"));
    return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1"));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException missing) {
      return "";
    }
  }

  private static Instant end(String token) {
    try {
      return SignedJWT.parse(token).getJWTClaimsSet().getExpirationTime().toInstant();
    } catch (ParseException torn) {
      throw new AssertionError("no whole token: " + token, torn);
    }
  }

  /** Reads a file in a tight loop until it is closed. */
  private static final class Reader implements AutoCloseable {

    private final List<String> faults = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong reads = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread loop;

    Reader(Path file) {
      // Not a thread of the pool that the rest of the test waits by.
      loop =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    while (!closed.get()) {
                      read(file);
                    }
                  });
    }

    private void read(Path file) {
      try {
        Instant now = Instant.now();
        if (!end(Files.readString(file)).isAfter(now)) {
          faults.add("expired at " + now);
        }
        reads.incrementAndGet();
      } catch (NoSuchFileException missing) {
        Thread.onSpinWait(); // better than a bad one
      } catch (IOException | AssertionError torn) {
        faults.add(torn.toString());
      }
    }

    List<String> faults() {
      return faults;
    }

    long reads() {
      return reads.get();
    }

    @Override
    public void close() {
      closed.set(true);
      Unchecked.run(loop::join);
    }
  }

  /** An agent, and what it says. */
  private static final class Running implements AutoCloseable {

    private final Process process;
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    Running(Process process) {
      this.process = process;
      BufferedReader said = process.errorReader();
      Thread.ofVirtual().start(() -> said.lines().forEach(lines::add));
    }

    /** Where the state of the files is. */
    URI health() {
      Matcher port = Eventually.until(() -> PORT.matcher(said()), match -> match.reset().find());
      return URI.create("http://127.0.0.1:" + port.group(1) + "/q/health/ready");
    }

    String said() {
      return String.join("\n", lines);
    }

    void signal(String name) {
      assertThat(run(List.of("kill", "-" + name, "" + process.pid()))).isZero();
    }

    int code() {
      return Eventually.until(
          () -> process.isAlive() ? -1 : process.exitValue(), code -> code >= 0);
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}

package dev.tokenbroker.command.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.FetchRequest;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenOutput;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of 40 s, and a clock that the test moves by the agent's quarters of a second. */
class KeptFileTest {

  private static final Duration TICK = Duration.ofMillis(250);

  @TempDir Path directory;

  private final TwoClocks clocks = new TwoClocks(1);
  private final FakeBroker broker = new FakeBroker(clocks);
  private final List<String> lines = new ArrayList<>();
  private final List<String> signals = new ArrayList<>();
  private final Agent.Listener listener = listener(lines, signals);
  private Path path;

  @BeforeEach
  void name() {
    path = directory.resolve("token");
  }

  @Test
  void writes_the_token_at_once_and_renews_it_from_half_its_life() throws IOException {
    KeptFile file = file();
    file.tick();
    String first = Files.readString(path);

    assertThat(file.isFresh()).isTrue();
    assertThat(lines).containsExactly(path + ": written, good until 2026-11-24T12:00:40Z");
    pass(file, Duration.ofSeconds(20).minus(TICK));
    assertThat(path).hasContent(first);
    pass(file, Duration.ofSeconds(5));
    assertThat(Files.readString(path)).isNotEqualTo(first);
    assertThat(broker.attempts()).hasSize(2);
    assertThat(lines).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 30, 59, 600})
  void a_token_of_any_life_is_renewed_once_from_half_of_it_on(int seconds) {
    Duration life = Duration.ofSeconds(seconds);
    broker.lives(life);
    KeptFile file = file();
    pass(file, life.multipliedBy(10));

    assertThat(waits())
        .hasSizeGreaterThan(12)
        .allSatisfy(
            wait ->
                assertThat(wait)
                    .isBetween(life.dividedBy(2), life.multipliedBy(3).dividedBy(5).plus(TICK)));
    assertThat(file.isFresh()).isTrue();
  }

  @Test
  void removes_the_file_before_expiry_and_recovers_in_five_seconds() {
    KeptFile file = file();
    file.tick();
    broker.fails(FakeBroker.away());
    pass(file, Duration.ofSeconds(34));

    assertThat(path).exists();
    assertThat(file.isFresh()).isFalse();
    assertThat(data(file).toString()).contains("state=stale", "problem=");
    pass(file, Duration.ofSeconds(2));
    assertThat(path).doesNotExist();
    assertThat(data(file).toString()).contains("state=missing").doesNotContain("expires=");
    assertThat(lines.subList(1, lines.size()))
        .containsExactly(
            path + ": the broker cannot be reached", path + ": removed, since its token ends");
    pass(file, Duration.ofMinutes(10));
    broker.fails(null);
    pass(file, Duration.ofSeconds(5));
    assertThat(file.isFresh()).isTrue();
    assertThat(data(file).toString()).doesNotContain("problem=");
  }

  @Test
  void says_a_reason_to_its_end_however_long_the_path_is() {
    String reason = "x".repeat(240) + " (verdict 4)";
    KeptFile file = file();
    broker.fails(new NoToken(NoToken.Kind.REFUSED, reason));
    file.tick();

    assertThat(lines).containsExactly(path + ": " + reason);
    assertThat(data(file).get("problem")).isEqualTo(reason);
  }

  @Test
  void backs_off_up_to_four_seconds_without_a_fresh_token() {
    KeptFile file = file();
    broker.fails(FakeBroker.away());
    pass(file, Duration.ofMinutes(10));

    List<Duration> waits = waits();
    assertThat(waits.getFirst()).isBetween(Duration.ofMillis(250), Duration.ofMillis(750));
    assertThat(waits.subList(5, waits.size()))
        .allSatisfy(
            wait -> assertThat(wait).isBetween(Duration.ofSeconds(2), Duration.ofMillis(4250)));
    assertThat(waits.stream().distinct().count()).isGreaterThan(5);
  }

  @ParameterizedTest
  @EnumSource(
      value = NoToken.Kind.class,
      names = {"REFUSED", "NO_BROKER", "BAD_CREDENTIAL", "MISUSE"})
  void asks_seldom_where_the_answer_stays_the_same(NoToken.Kind kind) {
    KeptFile file = file();
    broker.fails(new NoToken(kind, "no"));
    pass(file, Duration.ofMinutes(10));

    List<Duration> waits = waits();
    assertThat(waits.subList(6, waits.size()))
        .allSatisfy(
            wait -> assertThat(wait).isBetween(Duration.ofMillis(7500), Duration.ofMillis(15250)));
    assertThat(lines).containsExactly(path + ": no");
  }

  @Test
  void waits_as_long_as_the_broker_demands() {
    KeptFile file = file();
    broker.fails(new NoToken(NoToken.Kind.AWAY, "busy", Duration.ofSeconds(30)));
    pass(file, Duration.ofMinutes(5));

    assertThat(waits())
        .hasSizeBetween(7, 9)
        .allSatisfy(
            wait -> assertThat(wait).isBetween(Duration.ofSeconds(30), Duration.ofMillis(34250)));
  }

  @Test
  void waits_for_a_credential_that_comes_later() {
    KeptFile file = file();
    broker.fails(new NoToken(NoToken.Kind.NO_CREDENTIAL, "it does not exist"));
    pass(file, Duration.ofMinutes(2));
    assertThat(path).doesNotExist();
    broker.fails(null);
    pass(file, Duration.ofSeconds(5));

    assertThat(file.isFresh()).isTrue();
    assertThat(file.failure()).isNull();
  }

  @Test
  void requests_no_other_token_while_one_cannot_be_written() throws IOException {
    KeptFile file = file();
    Path obstacle = Files.createDirectories(directory.resolve(".token.new/full"));
    pass(file, Duration.ofSeconds(15));

    assertThat(broker.attempts()).hasSize(1);
    assertThat(lines).singleElement().asString().contains("it cannot be written: ");
    Files.delete(obstacle);
    pass(file, Duration.ofSeconds(5));
    assertThat(file.isFresh()).isTrue();
    assertThat(broker.attempts()).hasSize(1);
  }

  @Test
  void removes_the_file_even_while_an_attempt_hangs() {
    Queue<Runnable> hanging = new ArrayDeque<>();
    boolean[] hangs = {false};
    KeptFile file =
        file(
            entry(),
            work -> {
              if (hangs[0]) {
                hanging.add(work);
              } else {
                work.run();
              }
            });
    file.tick();
    hangs[0] = true;
    pass(file, Duration.ofSeconds(36));

    assertThat(hanging).hasSize(1);
    assertThat(path).doesNotExist();
    hanging.remove().run();
    assertThat(file.isFresh()).isTrue();
  }

  @Test
  void throws_a_bug_of_an_attempt_at_the_next_tick() {
    KeptFile file =
        new KeptFile(
            entry(),
            _ -> Unchecked.raise(new IllegalStateException("a bug")),
            clocks,
            Runnable::run,
            listener);
    file.tick();

    assertThatThrownBy(file::tick)
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("a bug");
  }

  @Test
  void keeps_the_file_of_an_earlier_process_until_its_token_ends() throws IOException {
    Files.writeString(path, "left");
    Files.setLastModifiedTime(path, FileTime.from(clocks.instant().plusSeconds(20)));
    broker.fails(FakeBroker.away());
    KeptFile file = file();
    file.tick();
    assertThat(broker.attempts()).hasSize(1);
    pass(file, Duration.ofSeconds(14));

    assertThat(path).hasContent("left");
    assertThat(file.isFresh()).isFalse();
    assertThat(data(file).toString()).contains("state=stale");
    pass(file, Duration.ofSeconds(2));
    assertThat(path).doesNotExist();
  }

  @Test
  void removes_a_file_of_which_nobody_knows_that_it_is_good() throws IOException {
    Files.writeString(path, "old");
    Files.setLastModifiedTime(path, FileTime.from(clocks.instant().minusSeconds(1)));
    broker.fails(FakeBroker.away());
    file().tick();

    assertThat(path).doesNotExist();
  }

  @Test
  void replaces_at_once_what_a_clock_that_went_ahead_has_ended() throws IOException {
    KeptFile file = file();
    file.tick();
    String first = Files.readString(path);
    clocks.step(Duration.ofHours(1));
    file.tick();

    assertThat(Files.readString(path)).isNotEqualTo(first);
    assertThat(file.isFresh()).isTrue();
    assertThat(broker.attempts()).hasSize(2);
  }

  @Test
  void is_not_deceived_by_a_clock_that_was_set_back() {
    KeptFile file = file();
    file.tick();
    clocks.step(Duration.ofHours(-1));
    broker.fails(FakeBroker.away());
    pass(file, Duration.ofSeconds(36));

    assertThat(path).doesNotExist();
  }

  @Test
  void runs_the_command_after_each_write_and_says_when_it_fails() throws IOException {
    Path trace = directory.resolve("trace");
    Path script = directory.resolve("changed");
    Files.writeString(script, "#!/bin/sh\necho \"$1\" $(wc -c < \"$2\") >> " + trace + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
    KeptFile file = file(entry(List.of(script.toString(), "it", path.toString())), Runnable::run);
    file.tick();
    assertThat(trace).hasContent("it " + Files.size(path));
    Files.delete(script);
    pass(file, Duration.ofSeconds(25));

    assertThat(lines.getLast()).isEqualTo(path + ": the command after its change has failed");
    assertThat(file.isFresh()).isTrue();
  }

  @Test
  void the_end_of_the_agent_lets_a_command_end_by_itself() throws IOException {
    Path begun = directory.resolve("begun");
    Path go = directory.resolve("go");
    String script = "touch $0; until [ -e $1 ]; do sleep 0.05; done; rm $0";
    try (ExecutorService attempts = Executors.newVirtualThreadPerTaskExecutor()) {
      file(entry(List.of("sh", "-c", script, "" + begun, "" + go)), attempts).tick();
      Eventually.until(() -> Files.exists(begun), there -> there);
      attempts.shutdownNow();
      Files.createFile(go);
    }

    assertThat(begun).doesNotExist();
    assertThat(lines).hasSize(1);
  }

  @Test
  void asks_for_the_signal_after_each_write_and_not_after_a_failure() {
    Entry signalling =
        new Entry(entry().file(), entry().request(), TokenOutput.HEADER, true, "HUP", List.of());
    KeptFile file = file(signalling, Runnable::run);
    file.tick();
    assertThat(signals).containsExactly("HUP");
    assertThat(path).content().startsWith("Authorization: Bearer eyJ").endsWith(".sig\n");
    pass(file, Duration.ofSeconds(25));
    assertThat(signals).hasSize(2);
    broker.fails(FakeBroker.away());
    pass(file, Duration.ofSeconds(60));
    assertThat(signals).hasSize(2);
  }

  static Agent.Listener listener(List<String> lines, List<String> signals) {
    return new Agent.Listener() {
      @Override
      public void line(String line) {
        lines.add(line);
      }

      @Override
      public void signal(String name) {
        signals.add(name);
      }
    };
  }

  private static Map<?, ?> data(KeptFile file) {
    return (Map<?, ?>) Objects.requireNonNull(file.state().get("data"));
  }

  private List<Duration> waits() {
    List<Duration> waits = new ArrayList<>();
    for (int index = 1; index < broker.attempts().size(); index++) {
      waits.add(broker.attempts().get(index).minus(broker.attempts().get(index - 1)));
    }
    return waits;
  }

  private void pass(KeptFile file, Duration time) {
    for (Duration left = time; left.isPositive(); left = left.minus(TICK)) {
      clocks.advance(TICK);
      file.tick();
    }
  }

  private KeptFile file() {
    return file(entry(), Runnable::run);
  }

  private KeptFile file(Entry entry, Executor executor) {
    return new KeptFile(entry, broker, clocks, executor, listener);
  }

  private Entry entry() {
    return entry(List.of());
  }

  private Entry entry(List<String> command) {
    return entry(path, command);
  }

  static Entry entry(Path path, List<String> command) {
    return new Entry(
        new TokenFile(path, PosixFilePermissions.fromString("rw-------"), null, null),
        new FetchRequest(
            URI.create("https://broker.example/token"), null, "payments-api", List.of()),
        TokenOutput.RAW,
        false,
        null,
        command);
  }
}

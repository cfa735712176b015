package dev.tokenbroker.command.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.fetch.NoToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ten minutes with tokens of 40 s and one fault after another, in quarters of a second. After each
 * of them every file is read: it is missing, or has a whole token that is good by the true time.
 */
class AgentFaultsTest {

  private static final Duration TICK = Duration.ofMillis(250);
  private static final Duration WHOLE = Duration.ofMinutes(10);
  private static final int FILES = 10;

  @TempDir Path directory;

  /** What goes wrong. */
  private enum Fault {
    AWAY,
    REFUSING,
    DISK_FULL,
    CLOCK
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void no_reader_ever_sees_an_empty_a_torn_or_an_expired_token(long seed) throws IOException {
    Random random = new Random(seed);
    TwoClocks clocks = new TwoClocks(seed);
    FakeBroker broker = new FakeBroker(clocks);
    List<KeptFile> files = new ArrayList<>();
    for (int number = 0; number < FILES; number++) {
      files.add(
          new KeptFile(
              KeptFileTest.entry(path(number), List.of()),
              broker,
              clocks,
              Runnable::run,
              KeptFileTest.listener(new ArrayList<>(), new ArrayList<>())));
    }
    int faults = 0;
    while (clocks.passed().compareTo(WHOLE) < 0) {
      Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
      // Half of a life on average; sometimes more than a whole one.
      Duration time = Duration.ofSeconds(5 + random.nextInt(random.nextInt(5) == 0 ? 90 : 30));
      begin(fault, broker, clocks, random);
      pass(files, clocks, time);
      end(fault, broker);
      if (fault == Fault.REFUSING) {
        pass(files, clocks, Duration.ofSeconds(16)); // it is asked seldom
      }
      int before = broker.attempts().size();
      pass(files, clocks, Duration.ofSeconds(5));
      assertThat(files).as("%s after %s", fault, clocks.passed()).allMatch(KeptFile::isFresh);
      assertNoBurst(broker.attempts().subList(before, broker.attempts().size()));
      pass(files, clocks, Duration.ofSeconds(random.nextInt(20)));
      faults++;
    }
    assertThat(faults).isGreaterThan(8);
  }

  private void begin(Fault fault, FakeBroker broker, TwoClocks clocks, Random random)
      throws IOException {
    switch (fault) {
      case AWAY -> broker.fails(FakeBroker.away());
      case REFUSING -> broker.fails(new NoToken(NoToken.Kind.REFUSED, "NO_RULE_MATCHED"));
      case DISK_FULL -> {
        for (int number = 0; number < FILES; number++) {
          Files.createDirectories(obstacle(number));
        }
      }
      case CLOCK -> clocks.step(Duration.ofSeconds(random.nextInt(-4000, 4000)));
    }
  }

  private void end(Fault fault, FakeBroker broker) throws IOException {
    broker.fails(null);
    for (int number = 0; number < FILES && fault == Fault.DISK_FULL; number++) {
      Files.delete(obstacle(number));
    }
  }

  private void pass(List<KeptFile> files, TwoClocks clocks, Duration time) throws IOException {
    for (Duration left = time; left.isPositive(); left = left.minus(TICK)) {
      clocks.advance(TICK);
      for (int number = 0; number < FILES; number++) {
        files.get(number).tick();
        read(number, files.get(number), clocks.truth());
      }
    }
  }

  private void read(int number, KeptFile file, Instant truth) throws IOException {
    try {
      assertThat(FakeBroker.end(Files.readString(path(number)))).isAfter(truth);
    } catch (NoSuchFileException missing) {
      assertThat(file.isFresh()).isFalse();
    }
  }

  private static void assertNoBurst(List<Duration> attempts) {
    Map<Duration, Integer> counts = new HashMap<>();
    attempts.forEach(time -> counts.merge(time, 1, Integer::sum));
    assertThat(counts.values()).allMatch(count -> count <= FILES / 2);
  }

  private Path path(int number) {
    return directory.resolve("token-" + number);
  }

  /** A directory with something in it where the new file should be. */
  private Path obstacle(int number) {
    return directory.resolve(".token-" + number + ".new").resolve("full");
  }
}

package dev.tokenbroker.judge.possession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoncesTest {

  private static final Duration PERIOD = Duration.ofMinutes(5);

  private final TestClock clock = new TestClock();
  private final Nonces nonces = new Nonces(TestDpopSettings.defaults().withNonces(), clock);

  @TempDir Path directory;

  @Test
  void is_the_same_for_a_period_and_then_another() {
    String first = nonces.current();
    assertThat(nonces.current()).isEqualTo(first).matches("[A-Za-z0-9_-]{22}");

    clock.advance(PERIOD);

    assertThat(nonces.current()).isNotEqualTo(first);
  }

  @Test
  void is_taken_for_a_period_at_least_and_for_two_at_most() {
    String nonce = nonces.current();

    clock.advance(PERIOD);
    assertThat(nonces.takes(nonce)).isTrue();
    clock.advance(PERIOD);
    assertThat(nonces.takes(nonce)).isFalse();
  }

  @Test
  void takes_one_of_a_replica_whose_clock_is_a_little_ahead() throws Exception {
    Path secret = Files.write(directory.resolve("secret"), new byte[32]);
    TestClock ahead = new TestClock(TestClock.START.plus(PERIOD));
    Nonces replica = new Nonces(TestDpopSettings.defaults().withSecret(secret), ahead);

    assertThat(new Nonces(TestDpopSettings.defaults().withSecret(secret), clock))
        .matches(shared -> shared.takes(replica.current()));
  }

  @Test
  void takes_none_that_was_made_from_another_secret() {
    Nonces other = new Nonces(TestDpopSettings.defaults().withNonces(), clock);

    assertThat(nonces.takes(other.current())).isFalse();
    assertThat(nonces.takes("")).isFalse();
  }

  @Test
  void says_what_is_wrong_with_the_file_of_the_secret() throws Exception {
    Path small = Files.write(directory.resolve("small"), new byte[31]);
    TestDpopSettings settings = TestDpopSettings.defaults().withSecret(small);

    assertThat(Nonces.problem(settings)).contains("names a file of less than 32 bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> new Nonces(settings, clock));
    assertThat(Nonces.problem(TestDpopSettings.defaults().withSecret(directory)))
        .contains("names a file that cannot be read: it is not a regular file");
    Path large = Files.write(directory.resolve("large"), new byte[4097]);
    assertThat(Nonces.problem(TestDpopSettings.defaults().withSecret(large)))
        .contains("names a file that cannot be read: it is larger than 4 KiB");
    assertThat(Nonces.problem(TestDpopSettings.defaults())).isEmpty();
  }
}

package dev.tokenbroker.base.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditDistanceTest {

  @ParameterizedTest
  @CsvSource({
    "payments, payments, 0",
    "payments, paymnets, 2",
    "payments, payment, 1",
    "payments, xpayments, 1",
    "payments, orders, 3",
    "'', ab, 2",
    "'', '', 0",
    "abc, '', 3"
  })
  void counts_up_to_two_edits_and_no_more(String one, String other, int expected) {
    assertThat(EditDistance.upTo(2, one, other)).isEqualTo(expected);
    assertThat(EditDistance.upTo(2, other, one)).isEqualTo(expected);
  }

  @Test
  void agrees_with_the_definition() {
    Random random = new Random(20261128);
    for (int round = 0; round < 2_000; round++) {
      String one = text(random);
      String other = text(random);
      int limit = random.nextInt(4);
      assertThat(EditDistance.upTo(limit, one, other))
          .as("%s, %s", one, other)
          .isEqualTo(Math.min(limit + 1, defined(one, other)));
    }
  }

  @Test
  void takes_no_more_memory_for_longer_texts_than_two_rows() {
    String one = "a" + "x".repeat(2_000) + "b";
    String other = "b" + "x".repeat(2_000) + "a";
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    EditDistance.upTo(2, one, other);
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThat(EditDistance.upTo(2, one, other)).isEqualTo(2);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
  }

  private static int defined(String one, String other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.length() + other.length();
    }
    String oneRest = one.substring(1);
    String otherRest = other.substring(1);
    int replaced = defined(oneRest, otherRest) + (one.charAt(0) == other.charAt(0) ? 0 : 1);
    return Math.min(replaced, 1 + Math.min(defined(one, otherRest), defined(oneRest, other)));
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(6); left > 0; left--) {
      text.append((char) ('a' + random.nextInt(3)));
    }
    return text.toString();
  }
}

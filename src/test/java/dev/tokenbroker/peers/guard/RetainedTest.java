package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetainedTest {

  private static final int MAX_RETIRED = 2;
  private static final Duration RETIRED_TTL = Duration.ofHours(1);

  private final AtomicLong nanos = new AtomicLong();
  private final List<String> made = new ArrayList<>();
  private final List<StringBuilder> revived = new ArrayList<>();
  private final Retained<String, StringBuilder> retained =
      new Retained<>(MAX_RETIRED, RETIRED_TTL, nanos::get, this::make, revived::add);

  @Test
  void makes_one_for_each_key() {
    StringBuilder one = retained.of("one");

    assertThat(retained.of("one")).isSameAs(one);
    assertThat(retained.of("two")).isNotSameAs(one);
    assertThat(retained.inUse()).hasSize(2).contains(one);
    assertThat(made).containsExactly("one", "two");
    assertThat(revived).isEmpty();
  }

  @Test
  void keeps_those_that_are_still_used() {
    retained.of("one");
    StringBuilder two = retained.of("two");

    retained.retain(Set.of("two"));

    assertThat(retained.inUse()).containsExactly(two);
    assertThat(retained.of("two")).isSameAs(two);
    assertThat(revived).isEmpty();
  }

  @Test
  void one_that_comes_back_is_the_one_it_was_and_is_told_so() {
    StringBuilder one = retained.of("one");
    retained.retain(Set.of());
    nanos.addAndGet(RETIRED_TTL.toNanos() - 1);

    assertThat(retained.of("one")).isSameAs(one);
    assertThat(retained.of("one")).isSameAs(one);
    assertThat(revived).containsExactly(one);
  }

  @Test
  void forgets_what_has_not_been_used_for_long() {
    StringBuilder one = retained.of("one");
    retained.retain(Set.of());
    nanos.addAndGet(RETIRED_TTL.toNanos());

    assertThat(retained.of("one")).isNotSameAs(one);
    assertThat(revived).isEmpty();
  }

  @Test
  void remembers_no_more_than_it_may() {
    List<String> keys = List.of("one", "two", "three", "four");
    keys.forEach(retained::of);
    retained.retain(Set.of());

    keys.forEach(retained::of);

    assertThat(revived).hasSize(MAX_RETIRED);
  }

  private StringBuilder make(String key) {
    made.add(key);
    return new StringBuilder(key);
  }
}

package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.junit.jupiter.api.Test;

class StoreHealthTest {

  private final StoreHealth health = new StoreHealth(ChangeListener.NONE);

  @Test
  void is_well_until_a_call_fails() {
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(true, 0, 0, 0));
    health.failed(new TimeoutException());
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(false, 0, 1, 0));
    health.failed(new StoreFailure(new IOException()));
    health.answered();
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(true, 1, 2, 0));
  }

  @Test
  void a_call_that_was_not_made_says_nothing_about_the_store() {
    health.failed(new BulkheadException());
    health.failed(new CircuitBreakerOpenException());
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(true, 0, 2, 0));
  }

  @Test
  void counts_foreign_values() {
    health.foreign();
    health.foreign();
    assertThat(health.status().foreign()).isEqualTo(2);
  }

  @Test
  void reports_foreign_values_as_one_change_in_a_minute() {
    List<Change> changes = new ArrayList<>();
    StoreHealth watched = new StoreHealth(changes::add);

    watched.foreign();
    watched.foreign();

    assertThat(changes).hasSize(1);
    assertThat(changes.getFirst().kind()).isEqualTo(ChangeKind.STORE_VALUE_FOREIGN);
  }
}

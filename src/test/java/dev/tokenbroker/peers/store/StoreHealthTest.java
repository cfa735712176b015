package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreBusy;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreFailure;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreRefusal;
import io.vertx.redis.client.impl.types.ErrorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreHealthTest {

  private final StoreHealth health = new StoreHealth(ChangeListener.NONE);

  @Test
  void is_well_until_a_call_fails() {
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(Map.of(), 0, 0, 0, 0));
    health.failed(StoreCall.READ, new TimeoutException());
    assertThat(health.status().problems()).containsOnlyKeys(StoreCall.READ);
    health.failed(StoreCall.READ, new StoreFailure(new IOException()));
    health.answered(StoreCall.READ, true);
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(Map.of(), 1, 2, 0, 0));
  }

  @Test
  void a_full_store_that_answers_reads_stays_away_for_claims() {
    health.failed(StoreCall.CLAIM, new StoreRefusal(ErrorType.create("OOM command not allowed")));
    health.answered(StoreCall.READ, true);
    health.answered(StoreCall.WRITE, true);

    assertThat(health.status().problems()).isEqualTo(Map.of(StoreCall.CLAIM, "error OOM"));
    health.answered(StoreCall.CLAIM, true);
    assertThat(health.status().problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          OOM command not allowed when used memory > 'maxmemory'. script: 1f, on @user_script:7. | OOM
          ERR [0] READONLY You can't write against a read only replica.                          | READONLY
          ERR Error running script (call to f_1f): @user_script:7: -OOM command not allowed      | OOM
          ERR unknown command 'HELLO'                                                            | unknown command
          NOAUTH Authentication required.                                                        | NOAUTH
          CONNECTION_CLOSED                                                                      | CONNECTION_CLOSED
          ERR max number of clients reached                                                      | ERR
          <script>alert(1)</script>                                                              | ERR
          """)
  void tells_what_an_error_of_the_server_is_about_and_no_more(String error, String code) {
    health.failed(StoreCall.CLAIM, new StoreFailure(ErrorType.create(error)));

    assertThat(health.status().problems()).containsEntry(StoreCall.CLAIM, "error " + code);
  }

  @Test
  void a_call_that_was_not_made_says_nothing_about_the_store() {
    health.failed(StoreCall.CLAIM, new StoreBusy());
    health.failed(StoreCall.CLAIM, new CircuitBreakerOpenException());
    assertThat(health.status()).isEqualTo(new StoreHealth.Status(Map.of(), 0, 1, 1, 0));
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

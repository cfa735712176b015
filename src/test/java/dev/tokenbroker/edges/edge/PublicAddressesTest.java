package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublicAddressesTest {

  private static final TestDpopSettings DEFAULTS = TestDpopSettings.defaults();
  private static final TestTokenSettings TOKEN = TestTokenSettings.defaults();

  @Test
  void are_our_issuer_and_what_the_request_names_where_nothing_is_said() {
    PublicAddresses addresses = new PublicAddresses(DEFAULTS, TOKEN);
    String issuer = TOKEN.issuer().orElseThrow();

    assertThat(addresses.of("/token", "http://localhost:8080/sub/token"))
        .containsExactly(issuer + "/token", "http://localhost:8080/sub/token");
    assertThat(addresses.of("/token", "")).containsExactly(issuer + "/token");
  }

  @Test
  void are_those_of_the_settings_and_no_others() {
    PublicAddresses addresses =
        new PublicAddresses(
            DEFAULTS.withBases(List.of("https://one.example/", "https://two.example/sub")), TOKEN);

    assertThat(addresses.of("/token", "http://localhost:8080/token"))
        .containsExactly("https://one.example/token", "https://two.example/sub/token");
  }
}

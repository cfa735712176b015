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
  void are_our_issuer_and_not_what_the_sender_of_a_request_names() {
    PublicAddresses addresses = new PublicAddresses(DEFAULTS, TOKEN, false);
    String issuer = TOKEN.issuer().orElseThrow();

    assertThat(addresses.of("/token", "https://evil.example/token"))
        .containsExactly(issuer + "/token");
    assertThat(addresses.of("/token", "http://localhost:8080/token"))
        .containsExactly(issuer + "/token");
  }

  @Test
  void are_in_dev_mode_those_of_this_machine_too() {
    PublicAddresses addresses = new PublicAddresses(DEFAULTS, TOKEN, true);
    String issuer = TOKEN.issuer().orElseThrow();

    assertThat(addresses.of("/token", "http://localhost:8080/sub/token"))
        .containsExactly(issuer + "/token", "http://localhost:8080/sub/token");
    for (String other :
        List.of("", "https://evil.example/token", "http://localhost.evil.example/")) {
      assertThat(addresses.of("/token", other)).containsExactly(issuer + "/token");
    }
  }

  @Test
  void are_those_of_the_settings_and_no_others() {
    PublicAddresses addresses =
        new PublicAddresses(
            DEFAULTS.withBases(List.of("https://one.example/", "https://two.example/sub")),
            TOKEN,
            true);

    assertThat(addresses.of("/token", "http://localhost:8080/token"))
        .containsExactly("https://one.example/token", "https://two.example/sub/token");
  }
}

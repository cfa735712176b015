package dev.tokenbroker.peers.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemTrustTest {

  @Test
  void is_the_file_of_the_environment_before_that_of_the_system(@TempDir Path directory) {
    Path named = TestTls.generate().writeRoot(directory);

    assertThat(SystemTrust.of(named.toString(), List.of("/etc/hosts")).options())
        .contains(new PemTrustOptions().addCertPath(named.toString()));
    assertThat(SystemTrust.of("/nowhere.pem", List.of(named.toString())).options())
        .contains(new PemTrustOptions().addCertPath(named.toString()));
    assertThat(SystemTrust.of("", List.of()).options()).isEmpty();
  }

  /** With the comments that distributions put between certificates. */
  @Test
  void reads_the_bundle_of_this_machine() {
    assertThat(SystemTrust.bundled()).hasSizeGreaterThan(50);
  }
}

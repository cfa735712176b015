package dev.tokenbroker.peers.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Key pairs in PEM files. */
class CertifiedKeysTest {

  @TempDir private Path directory;

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestTls authority = TestTls.generate();

  @BeforeEach
  void writePairs() {
    authority.writePair(directory, "one", "one.example");
    authority.writePair(directory, "client", "client.example", "use:clients");
  }

  @Test
  void has_the_certificate_of_each_key_whatever_it_is_for() throws Exception {
    assertThat(CertifiedKeys.of(pair("one", "one"), vertx))
        .extracting(PresentedCertificate::subject)
        .containsExactly("CN=one.example");
    assertThat(CertifiedKeys.of(pair("client", "client"), vertx))
        .extracting(PresentedCertificate::subject)
        .containsExactly("CN=client.example");
  }

  @Test
  void refuses_a_key_of_another_certificate() {
    assertThatThrownBy(() -> CertifiedKeys.of(pair("one", "client"), vertx))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessage("the private key does not fit the certificate of CN=one.example");
  }

  @Test
  void refuses_one_bad_pair_among_good_ones() {
    PemKeyCertOptions pairs = pair("one", "one");
    pairs.addCertPath(path("client.crt")).addKeyPath(path("one.key"));

    assertThatThrownBy(() -> CertifiedKeys.of(pairs, vertx)).hasMessageContaining("client.example");
  }

  private PemKeyCertOptions pair(String certificate, String key) {
    return new PemKeyCertOptions()
        .addCertPath(path(certificate + ".crt"))
        .addKeyPath(path(key + ".key"));
  }

  private String path(String file) {
    return directory.resolve(file).toString();
  }
}

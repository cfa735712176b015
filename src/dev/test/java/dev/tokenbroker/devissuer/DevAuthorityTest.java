package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.net.PfxOptions;
import java.io.ByteArrayInputStream;
import java.security.KeyStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;

class DevAuthorityTest {

  private static final int DNS_NAME = 2;

  private final DevAuthority authority = DevAuthority.generate();

  @Test
  void signs_a_certificate_for_localhost_that_lasts() throws Exception {
    X509Certificate certificate = certificate(authority.lastingCertificate());

    assertThatCode(() -> certificate.verify(authority.root().getPublicKey()))
        .doesNotThrowAnyException();
    assertThatCode(
            () -> certificate.checkValidity(Date.from(Instant.now().plus(Duration.ofDays(60)))))
        .doesNotThrowAnyException();
    assertThat(certificate.getSubjectAlternativeNames()).contains(List.of(DNS_NAME, "localhost"));
  }

  @Test
  void signs_an_expired_certificate_for_another_key() throws Exception {
    X509Certificate lasting = certificate(authority.lastingCertificate());
    X509Certificate expired = certificate(authority.expiredCertificate());

    assertThatCode(() -> expired.verify(authority.root().getPublicKey()))
        .doesNotThrowAnyException();
    assertThatThrownBy(expired::checkValidity).isInstanceOf(CertificateExpiredException.class);
    assertThat(expired.getPublicKey()).isNotEqualTo(lasting.getPublicKey());
  }

  @Test
  void is_another_authority_each_time() {
    assertThat(DevAuthority.generate().root()).isNotEqualTo(authority.root());
  }

  private static X509Certificate certificate(PfxOptions pair) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(
        new ByteArrayInputStream(pair.getValue().getBytes()), pair.getPassword().toCharArray());
    return (X509Certificate) store.getCertificate(pair.getAlias());
  }
}

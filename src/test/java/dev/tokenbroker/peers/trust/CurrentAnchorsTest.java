package dev.tokenbroker.peers.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.process.runtime.TestClock;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

class CurrentAnchorsTest {

  private final TestTls authority = TestTls.generate();
  private final TestTls expired = TestTls.generateExpired();
  private final TestClock clock = new TestClock(Instant.now());

  @Test
  void ignore_an_expired_authority_and_trust_the_others() throws Exception {
    CurrentAnchors anchors = anchors(expired.rootPem(), authority.rootPem());

    assertThatCode(() -> check(anchors, authority.leafPem("localhost"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(anchors, expired.leafPem("localhost")))
        .isInstanceOf(CurrentAnchors.ExpiredAuthority.class)
        .hasMessage("the authority of the certificate has expired");
    assertThatThrownBy(() -> check(anchors, TestTls.generate().leafPem("localhost")))
        .isInstanceOf(CertificateException.class)
        .hasMessageNotContaining("expired");
    assertThat(anchors.getAcceptedIssuers())
        .containsExactly(TestTls.certificate(authority.rootPem()));
  }

  @Test
  void trust_nobody_where_each_authority_has_expired() throws Exception {
    CurrentAnchors anchors = anchors(expired.rootPem());

    assertThatThrownBy(() -> check(anchors, expired.leafPem("localhost")))
        .isInstanceOf(CurrentAnchors.ExpiredAuthority.class)
        .hasMessage("each authority of the trust store has expired");
    assertThat(anchors.getAcceptedIssuers()).isEmpty();
  }

  @Test
  void trust_an_authority_until_it_expires() throws Exception {
    Instant end = clock.instant().plus(Duration.ofHours(1));
    CurrentAnchors anchors = anchors(authority.rootPem(end), TestTls.generate().rootPem());
    String leaf = authority.leafPem("localhost");
    check(anchors, leaf);

    clock.advance(Duration.ofHours(1));

    assertThatThrownBy(() -> check(anchors, leaf)).isInstanceOf(CertificateException.class);
  }

  @Test
  void trust_a_chain_with_an_expired_certificate_it_does_not_need() throws Exception {
    CurrentAnchors anchors = anchors(expired.rootPem(), authority.rootPem());
    String leaf = authority.leafPem("localhost");
    String old = authority.rootPem(clock.instant().minusSeconds(60));

    assertThatCode(() -> check(anchors, leaf, expired.rootPem())).doesNotThrowAnyException();
    assertThatCode(() -> check(anchors, leaf, old)).doesNotThrowAnyException();
    assertThatCode(() -> check(anchors, leaf, authority.rootPem(), old)).doesNotThrowAnyException();
  }

  private CurrentAnchors anchors(String... roots) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (String root : roots) {
      store.setCertificateEntry("" + store.size(), TestTls.certificate(root));
    }
    return new CurrentAnchors(store, clock);
  }

  private static void check(X509ExtendedTrustManager trust, String... chain)
      throws CertificateException {
    X509Certificate[] certificates =
        Arrays.stream(chain).map(TestTls::certificate).toArray(X509Certificate[]::new);
    trust.checkServerTrusted(certificates, "ECDHE_ECDSA");
    trust.checkClientTrusted(certificates, "EC");
  }
}

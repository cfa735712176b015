package dev.tokenbroker.peers.trust;

import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509TrustManager;

/**
 * The TLS material of one configuration: whom it trusts, what it shows of itself, what it speaks.
 *
 * @param keys empty where the configuration has no client certificate
 * @param protocols the enabled versions of TLS
 * @param cipherSuites the enabled suites; empty for those of the JDK
 */
public record HandshakeTls(
    X509TrustManager trust,
    List<KeyManager> keys,
    List<String> protocols,
    List<String> cipherSuites) {

  public HandshakeTls {
    keys = List.copyOf(keys);
    protocols = List.copyOf(protocols);
    cipherSuites = List.copyOf(cipherSuites);
  }
}

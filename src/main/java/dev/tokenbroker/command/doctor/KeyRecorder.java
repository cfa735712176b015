package dev.tokenbroker.command.doctor;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** Shows the certificate of another key manager, and records whether the server requests one. */
final class KeyRecorder extends X509ExtendedKeyManager {

  private final @Nullable X509KeyManager keys;
  private boolean requested;
  private boolean shown;

  private KeyRecorder(@Nullable X509KeyManager keys) {
    this.keys = keys;
  }

  /** Shows what the first of them has; nothing where there are none. */
  static KeyRecorder of(List<KeyManager> managers) {
    return new KeyRecorder(
        managers.stream()
            .filter(X509KeyManager.class::isInstance)
            .map(X509KeyManager.class::cast)
            .findFirst()
            .orElse(null));
  }

  /** Whether the server has requested a certificate. */
  boolean requested() {
    return requested;
  }

  /** Whether one was sent. */
  boolean shown() {
    return shown;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, Socket socket) {
    requested = true;
    String alias = keys == null ? null : keys.chooseClientAlias(types, issuers, socket);
    shown = alias != null;
    return alias;
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return keys == null ? null : keys.getClientAliases(type, issuers);
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return keys == null ? null : keys.getCertificateChain(alias);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return keys == null ? null : keys.getPrivateKey(alias);
  }
}

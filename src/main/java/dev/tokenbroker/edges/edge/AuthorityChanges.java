package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import dev.tokenbroker.base.outcome.Clue;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * Reports the difference between the authorities of a TLS configuration before and after a reload.
 *
 * @param listener receives the changes
 */
record AuthorityChanges(ChangeListener listener) {

  private static final int MAX_REPORTED = 16;
  private static final int FINGERPRINT_CHARACTERS = 8;

  /** Reports that the authorities differ, and names each new one. */
  void compare(String name, Set<X509Certificate> before, Set<X509Certificate> now) {
    if (before.equals(now)) {
      return;
    }
    Clue removed = now.containsAll(before) ? Clue.none() : Clue.of("removed");
    report(ChangeKind.CA_BUNDLE_RELOADED, name, number(before), number(now), removed);
    now.stream()
        .filter(root -> !before.contains(root))
        .map(root -> root.getSubjectX500Principal().getName())
        .sorted()
        .limit(MAX_REPORTED)
        .forEach(root -> report(ChangeKind.NEW_ROOT_SEEN, name, "", root, Clue.none()));
  }

  /** A digest of {@value #FINGERPRINT_CHARACTERS} characters, the same for the same authorities. */
  static String fingerprint(Set<X509Certificate> authorities) {
    MessageDigest digest = Sha256.begin();
    authorities.stream()
        .map(AuthorityChanges::encoded)
        .sorted(Arrays::compare)
        .forEach(digest::update);
    return HexFormat.of().formatHex(digest.digest()).substring(0, FINGERPRINT_CHARACTERS);
  }

  private static byte[] encoded(X509Certificate authority) {
    try {
      return authority.getEncoded();
    } catch (CertificateEncodingException notParsed) {
      throw new IllegalStateException("a certificate of a trust store was read", notParsed);
    }
  }

  private void report(ChangeKind kind, String name, String was, String is, Clue clue) {
    listener.changed(new Change(kind, SubjectKind.TLS, name, was, is).with(clue));
  }

  private static String number(Set<X509Certificate> authorities) {
    return "trusted authorities: " + authorities.size();
  }
}

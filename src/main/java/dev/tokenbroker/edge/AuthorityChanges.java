package dev.tokenbroker.edge;

import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.outcome.ChangeKind;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.SubjectKind;
import java.security.cert.X509Certificate;
import java.util.Set;

/**
 * Reports the difference between the authorities of a TLS configuration before and after a reload.
 *
 * @param listener receives the changes
 */
record AuthorityChanges(ChangeListener listener) {

  private static final int MAX_REPORTED = 16;

  /** Reports that the authorities differ, and names each new one. */
  void compare(String name, Set<X509Certificate> before, Set<X509Certificate> now) {
    if (before.equals(now)) {
      return;
    }
    report(ChangeKind.CA_BUNDLE_RELOADED, name, number(before), number(now));
    now.stream()
        .filter(root -> !before.contains(root))
        .map(root -> root.getSubjectX500Principal().getName())
        .sorted()
        .limit(MAX_REPORTED)
        .forEach(root -> report(ChangeKind.NEW_ROOT_SEEN, name, "", root));
  }

  private void report(ChangeKind kind, String name, String was, String is) {
    listener.changed(new Change(kind, SubjectKind.TLS, name, was, is));
  }

  private static String number(Set<X509Certificate> authorities) {
    return "trusted authorities: " + authorities.size();
  }
}

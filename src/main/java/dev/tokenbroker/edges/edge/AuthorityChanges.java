package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Clue;
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
    Clue removed = now.containsAll(before) ? Clue.none() : Clue.of("removed");
    report(ChangeKind.CA_BUNDLE_RELOADED, name, number(before), number(now), removed);
    now.stream()
        .filter(root -> !before.contains(root))
        .map(root -> root.getSubjectX500Principal().getName())
        .sorted()
        .limit(MAX_REPORTED)
        .forEach(root -> report(ChangeKind.NEW_ROOT_SEEN, name, "", root, Clue.none()));
  }

  private void report(ChangeKind kind, String name, String was, String is, Clue clue) {
    listener.changed(new Change(kind, SubjectKind.TLS, name, was, is).with(clue));
  }

  private static String number(Set<X509Certificate> authorities) {
    return "trusted authorities: " + authorities.size();
  }
}

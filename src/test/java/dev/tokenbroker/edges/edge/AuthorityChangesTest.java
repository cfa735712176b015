package dev.tokenbroker.edges.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.peers.trust.TestTls;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AuthorityChangesTest {

  private static final X509Certificate OLD = root();
  private static final X509Certificate NEW = root();

  private final List<Change> changes = new ArrayList<>();

  @Test
  void the_same_authorities_read_again_are_no_change() {
    new AuthorityChanges(changes::add).compare("corp", Set.of(OLD), Set.of(OLD));

    assertThat(changes).isEmpty();
  }

  @Test
  void other_authorities_are_a_change_and_each_new_one_is_named() {
    new AuthorityChanges(changes::add).compare("corp", Set.of(OLD), Set.of(OLD, NEW));

    assertThat(changes)
        .containsExactly(
            new Change(
                ChangeKind.CA_BUNDLE_RELOADED,
                SubjectKind.TLS,
                "corp",
                "trusted authorities: 1",
                "trusted authorities: 2"),
            new Change(
                ChangeKind.NEW_ROOT_SEEN,
                SubjectKind.TLS,
                "corp",
                "",
                NEW.getSubjectX500Principal().getName()));
  }

  private static X509Certificate root() {
    return TestTls.certificate(TestTls.generate().rootPem(Instant.now().plusSeconds(60)));
  }
}

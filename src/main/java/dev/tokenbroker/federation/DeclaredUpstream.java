package dev.tokenbroker.federation;

import dev.tokenbroker.sts.UpstreamDefinition;
import org.jspecify.annotations.Nullable;

/**
 * An upstream as declared in the document, without problems.
 *
 * @param secretFile its secret or key file as written in the document, which is part of the
 *     revision, unlike the absolute path and the content; null where it names none
 */
record DeclaredUpstream(UpstreamDefinition definition, @Nullable String secretFile) {

  String name() {
    return definition.name();
  }
}

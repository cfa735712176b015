/**
 * In: YAML files and what {@code base.yaml} reads of them. Out: one immutable {@code Federation},
 * or every problem with its line. Open {@code FederationLoader} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.federation.document;

import org.jspecify.annotations.NullMarked;

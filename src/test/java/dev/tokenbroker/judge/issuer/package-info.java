/**
 * Tests of {@code judge.issuer}.
 *
 * <p>Stand-ins and set-up: {@link FakeIssuer}, {@link FetchBound}, {@link RelayedKeys}, {@link
 * ReportedChanges}, {@link ScriptedIssuer}, {@link TestIssuers}.
 */
@NullMarked
package dev.tokenbroker.judge.issuer;

import org.jspecify.annotations.NullMarked;

/**
 * In: a grant for an installation of a GitHub App. Out: its token, or what GitHub answered instead.
 * Open {@code GitHubProtocol} first.
 */
@NullMarked
package dev.tokenbroker.issue.github;

import org.jspecify.annotations.NullMarked;

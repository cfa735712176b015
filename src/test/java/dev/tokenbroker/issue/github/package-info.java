/**
 * Tests of {@code issue.github}.
 *
 * <p>Stand-ins and set-up: {@link GitHubServer}, {@link TestGitHub}.
 */
@NullMarked
package dev.tokenbroker.issue.github;

import org.jspecify.annotations.NullMarked;

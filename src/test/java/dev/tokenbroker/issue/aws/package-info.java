/**
 * Tests of {@code issue.aws}.
 *
 * <p>Stand-ins and set-up: {@link AwsSts}.
 */
@NullMarked
package dev.tokenbroker.issue.aws;

import org.jspecify.annotations.NullMarked;

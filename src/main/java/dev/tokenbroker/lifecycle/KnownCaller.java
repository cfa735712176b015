package dev.tokenbroker.lifecycle;

import org.jspecify.annotations.Nullable;

/**
 * Who a caller was found to be; one of the two is there.
 *
 * @param subject the {@code sub} of its token
 * @param certificate the thumbprint of its certificate
 */
public record KnownCaller(@Nullable String subject, @Nullable String certificate) {}

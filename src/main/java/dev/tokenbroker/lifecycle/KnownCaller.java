package dev.tokenbroker.lifecycle;

import org.jspecify.annotations.Nullable;

/**
 * Who a caller was found to be; one of the three is there.
 *
 * @param subject the {@code sub} of its token
 * @param certificate the thumbprint of its certificate
 * @param client the id of the client that its secret has authenticated
 */
public record KnownCaller(
    @Nullable String subject, @Nullable String certificate, @Nullable String client) {}

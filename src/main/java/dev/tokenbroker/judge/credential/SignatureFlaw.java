package dev.tokenbroker.judge.credential;

/**
 * Why no key verifies a signature.
 *
 * @param sentence for operators
 * @param isOfKeys whether another key might verify it, as far as its form tells
 */
record SignatureFlaw(String sentence, boolean isOfKeys) implements SignatureFinding {}

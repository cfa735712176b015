/**
 * In: a JWT of this broker, and a role of AWS. Out: temporary credentials of the role ({@code
 * AssumeRoleWithWebIdentity}), or what the STS answered instead. Open {@code AwsProtocol} first.
 */
@NullMarked
package dev.tokenbroker.issue.aws;

import org.jspecify.annotations.NullMarked;

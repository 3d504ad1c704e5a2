using System.Runtime.Versioning;
using System.Text;
using Gateway.Delivery.Storage;
using Microsoft.AspNetCore.DataProtection;
using Xunit;

namespace Gateway.Tests.Unit.Delivery;

public sealed class KeyRingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gateway-keys-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("data", "data")]
    [InlineData("data/keys", "data")]
    [InlineData("data/../data/deep/keys", "data")]
    [InlineData("link/keys", "data")]
    public void Keys_inside_the_data_are_refused(string keys, string data)
    {
        Directory.CreateDirectory(Path.Combine(_root, "data"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), Path.Combine(_root, "data"));

        var error = Assert.Throws<StoreUnavailableException>(() => KeyRing.Open(Path.Combine(_root, keys), Path.Combine(_root, data)));

        Assert.Contains("a directory of their own", error.Message);
        Assert.False(Directory.Exists(Path.Combine(_root, "data", "keys")));
    }

    [Fact]
    public void A_directory_whose_name_only_begins_alike_is_another()
    {
        KeyRing.Open(Path.Combine(_root, "data-keys"), Path.Combine(_root, "data"));

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_root, "data-keys")));
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void Only_the_owner_can_read_the_keys()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Unix file modes");
        var keys = Path.Combine(_root, "keys");
        Directory.CreateDirectory(keys, (UnixFileMode)0b111_101_101);

        KeyRing.Open(keys, Path.Combine(_root, "data"));

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(Owner, File.GetUnixFileMode(keys));
        foreach (var file in Directory.GetFiles(keys)) Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(file) & ~Owner);
    }

    [Fact]
    public void A_place_that_is_a_file_is_refused_with_its_name()
    {
        File.WriteAllText(Path.Combine(_root, "file"), "");

        var error = Assert.Throws<StoreUnavailableException>(() => KeyRing.Open(Path.Combine(_root, "file"), Path.Combine(_root, "data")));

        Assert.Contains(Path.Combine(_root, "file"), error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(100_000)]
    public void Payloads_of_any_length_come_back_whether_they_shrink_or_not(int length)
    {
        var payloads = new Payloads(KeyRing.Open(Path.Combine(_root, "keys"), Path.Combine(_root, "data")));
        var noise = new byte[length];
        new Random(7).NextBytes(noise);
        var text = Encoding.UTF8.GetBytes(new string('x', length));

        Assert.Equal(noise, payloads.Open(PayloadKind.Input, payloads.Seal(PayloadKind.Input, noise)));
        Assert.Equal(text, payloads.Open(PayloadKind.Input, payloads.Seal(PayloadKind.Input, text)));
        if (length == 100_000) Assert.InRange(payloads.Seal(PayloadKind.Input, text).Length, 1, 1000);
    }

    [Fact]
    public void One_columns_payload_is_not_anothers()
    {
        var payloads = new Payloads(new EphemeralDataProtectionProvider());

        Assert.Throws<StoreUnavailableException>(() => payloads.Open(PayloadKind.Canonical, payloads.Seal(PayloadKind.Input, "x"u8)));
    }

    [Fact]
    public void The_stored_form_of_an_answer_and_a_result_is_one_that_later_builds_must_read()
    {
        var payloads = new Payloads(new EphemeralDataProtectionProvider());

        var answer = payloads.OpenAnswer(payloads.Seal(PayloadKind.Answer, Stored(
            """{"Status":201,"Headers":[{"Key":"Location","Value":"/v1/orders/o-1"}],"Body":"","ContentType":"text/plain"}""", """{"a":1.10}""")));
        var result = payloads.OpenResult(payloads.Seal(PayloadKind.Result, Stored(
            """{"Status":0,"Record":"","Facts":"","Reference":"42","Detail":"d","Reason":"r","RetryAfter":"00:00:03","MayHaveHappened":false}""", """{"a":1.10}""", "")));

        Assert.Equal((201, "text/plain", """{"a":1.10}"""), (answer.Status, answer.ContentType, Encoding.UTF8.GetString(answer.Body.Span)));
        Assert.Equal(new KeyValuePair<string, string>("Location", "/v1/orders/o-1"), Assert.Single(answer.Headers));
        Assert.Equal((OperationStatus.Done, "42", "d", "r", TimeSpan.FromSeconds(3), """{"a":1.10}"""),
            (result.Status, result.Reference, result.Detail, result.Reason, result.RetryAfter!.Value, Encoding.UTF8.GetString(result.Record.Span)));
    }

    private static byte[] Stored(params string[] parts) =>
        [1, .. parts.Select(Encoding.UTF8.GetBytes).SelectMany(part => (byte[])[.. BitConverter.GetBytes(part.Length), .. part])];
}

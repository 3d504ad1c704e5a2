using System.IO.Compression;
using Gateway.Pipeline;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Unit.Pipeline;

/// <summary>Coded bodies: whole ones come out, and no part of one passes for it.</summary>
public sealed class UnpackedTests
{
    public static TheoryData<string> Codings => ["gzip", "br", "deflate"];

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task A_whole_body_comes_out_whatever_pieces_it_came_in(string coding)
    {
        foreach (var length in (int[])[0, 1, 5551, 5552, 5553, 200_000])
        {
            var plain = Text(length);

            foreach (var piece in (int[])[1, 7, 100_000]) Assert.Equal(plain, await UnpackAsync(coding, Packed(coding, plain), piece));
        }
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task A_body_without_a_byte_is_empty(string coding) => Assert.Empty(await UnpackAsync(coding, [], 1));

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task A_body_that_breaks_off_is_refused_wherever_it_does(string coding)
    {
        var packed = Packed(coding, Text(300));

        for (var cut = 1; cut < packed.Length; cut++) await RefusedAsync(coding, packed[..cut]);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Nothing_comes_behind_a_body(string coding)
    {
        var packed = Packed(coding, Text(300));

        await RefusedAsync(coding, [.. packed, 0]);
        await RefusedAsync(coding, [.. packed, .. new byte[20_000]]);
        await RefusedAsync(coding, [.. packed, .. "and more"u8]);
    }

    [Theory]
    [InlineData("gzip", 8)]
    [InlineData("gzip", 1)]
    [InlineData("deflate", 4)]
    public async Task A_checksum_that_is_another_is_refused(string coding, int fromEnd)
    {
        var packed = Packed(coding, Text(300));
        packed[^fromEnd] ^= 1;

        await RefusedAsync(coding, packed);
    }

    private static async Task RefusedAsync(string coding, byte[] packed)
    {
        foreach (var piece in (int[])[1, 100_000])
            Assert.Equal(400, (await Assert.ThrowsAsync<BadHttpRequestException>(() => UnpackAsync(coding, packed, piece))).StatusCode);
    }

    private static byte[] Text(int length)
    {
        var text = new byte[length];
        for (var i = 0; i < length; i++) text[i] = (byte)(' ' + (i * 7919 / 13 % 200));
        return text;
    }

    private static async Task<byte[]> UnpackAsync(string coding, byte[] packed, int piece)
    {
        await using var unpacked = Unpacked.Of(coding, new Pieces(packed, piece), most: 1 << 20, ratio: 1000);
        using var plain = new MemoryStream();
        var buffer = new byte[777];
        while (await unpacked.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var read) plain.Write(buffer, 0, read);
        return plain.ToArray();
    }

    private static byte[] Packed(string coding, byte[] plain)
    {
        using var packed = new MemoryStream();
        using (Stream coder = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true),
            _ => new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            coder.Write(plain);
            coder.Flush();
        }
        return packed.ToArray();
    }

    /// <summary>A body that comes in pieces of a size.</summary>
    private sealed class Pieces(byte[] all, int piece) : MemoryStream(all)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}

"""Objects: plain files here (`local`), or an S3 server elsewhere (`remote`)."""

-- What is known of the photo of a task, where that is all its drawing needs: then the photo itself is
-- not among the inputs. Null where it is.
ALTER TABLE task_results ADD COLUMN photo bytea CHECK (octet_length(photo) <= 512);
